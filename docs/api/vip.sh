#!/bin/sh
# The VIP group of an ordinary shop over the API, with nothing but curl: a group with members, a price list and a rule, an
# order, prices and reports. Needs the address and a token of the role admin:
#   URL=http://127.0.0.1:8080 TOKEN=clt_… sh docs/api/vip.sh
set -eu

: "${URL:?Set URL to the address of Clientele}" "${TOKEN:?Set TOKEN to a token of the role admin}"

# call METHOD PATH [BODY]: prints the answer; ends the script where it is refused, after saying why. Every POST has a key of
# its own, so that a retry does nothing twice.
call() {
    key=$(od -An -N16 -tx1 /dev/urandom | tr -d " \n")
    set -- "$1" "$2" "${3:-}" "$(mktemp)"
    status=$(curl --silent --show-error --output "$4" --write-out '%{http_code}' --retry 2 \
        --request "$1" "$URL$2" --header "Authorization: Bearer $TOKEN" --header "Idempotency-Key: $key" \
        ${3:+--header "Content-Type: application/json" --data "$3"})
    answer=$(cat "$4")
    rm -f "$4"
    case $status in
    2*) printf '%s\n' "$answer" ;;
    *)
        printf '%s %s: %s\n%s\n' "$1" "$2" "$status" "$answer" >&2
        exit 1
        ;;
    esac
}

# The id of the thing in an answer: its first field.
id_of() {
    printf '%s' "$1" | sed -n 's/^{"id":"\([0-9a-f-]*\)".*/\1/p'
}

echo "A product, and a price list with a lower price for it"
call POST /admin/products '{"sku": "VIP-LAMP", "name": "Lamp", "basePrice": "100.00", "cost": "60.00"}'
list=$(call POST /admin/price-lists '{"code": "vip-pricing", "name": "VIP pricing"}')
call POST "/admin/price-lists/$(id_of "$list")/entries" '{"entries": [{"sku": "VIP-LAMP", "price": "80.00"}]}'

echo "The group, with the list"
group=$(call POST /admin/pricing/customer-groups '{
    "name": "VIP", "description": "VIP customers with 20% discount", "isActive": true, "type": "hybrid",
    "priceLists": [{"priceListId": "vip-pricing", "priority": 1}]}')
echo "$group"
path=/admin/pricing/customer-groups/$(id_of "$group")

echo "Two customers, one of them a member by hand"
ann=$(id_of "$(call POST /admin/customers '{"code": "VIP-ANN", "name": "Ann Lee"}')")
bob=$(id_of "$(call POST /admin/customers '{"code": "VIP-BOB", "name": "Bob Roy"}')")
call PATCH "$path" "{\"customerIds\": [\"$ann\"]}"

echo "An order of the other one, and the rule that makes him a member"
call POST /admin/orders '{"orderNumber": "VIP-1", "placedAt": "2026-01-02T10:00:00Z", "customerCode": "VIP-BOB",
    "lines": [{"sku": "VIP-LAMP", "quantity": 12, "unitPrice": "100.00"}]}'
rule='{"match": "all", "of": [{"field": "total_purchases", "op": "gte", "value": "1000.00"}]}'
call POST "$path/rules/preview" "{\"rule\": $rule}"
call POST "$path/rules/runs" "{\"rule\": $rule}"
call GET "$path?include=customers"

echo "What both pay, and why"
for customer in "$ann" "$bob"; do
    call POST /store/prices "{\"customerId\": \"$customer\", \"explain\": true, \"items\": [{\"sku\": \"VIP-LAMP\", \"quantity\": 1}]}"
done

echo "How the group performed in that month"
call GET "/admin/reports/groups/$(id_of "$group")?from=2026-01-01&to=2026-01-31"
