//! The customer form: from what was typed to [`Details`] with metadata and group names, and back.

use super::customer::{Details, PaymentHistory, Status};
use super::grouping::{self, Typed};
use crate::error::FieldError;
use crate::groups::forms::{fill_metadata, metadata_of};
use crate::organizations::forms::Picked;
use crate::web::forms::FormState;
use chrono::NaiveDate;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The plain fields of the form.
pub const TYPED: [&str; 10] =
    ["code", "name", "email", "status", "country", "region", "customer_since", "payment_history", "tags", "groups"];

/// Reads the form. `organization` is what the field means; `listed` are the groups that the list of names decides
/// about, as they are now.
///
/// # Errors
/// Every field that can't be taken.
pub fn parse(form: &FormState, organization: Option<Uuid>, listed: &[String]) -> Result<Typed, Vec<FieldError>> {
    let mut errors: Vec<FieldError> =
        Picked::of(form, "organization").unknown("organization", organization).into_iter().collect();
    let status = Status::from_name(form.value("status"));
    if status.is_none() {
        errors.push(FieldError::new("status", "Choose active, inactive or blocked."));
    }
    let payment_history = form.filled("payment_history").map(PaymentHistory::from_name);
    if payment_history == Some(None) {
        errors.push(FieldError::new("payment_history", "Choose one of the ratings, or unknown."));
    }
    let customer_since = form.filled("customer_since").map(str::parse::<NaiveDate>);
    if matches!(customer_since, Some(Err(_))) {
        errors.push(FieldError::new("customer_since", "Enter a day such as 2024-01-31, or nothing."));
    }
    let metadata = metadata_of(form).unwrap_or_else(|wrong| {
        errors.extend(wrong);
        Map::new()
    });
    let text = |name: &str| form.filled(name).map(str::to_owned);
    let details = Details {
        code: form.value("code").to_owned(),
        name: form.value("name").to_owned(),
        email: text("email"),
        status: status.unwrap_or_default(),
        country: text("country"),
        region: text("region"),
        customer_since: customer_since.and_then(Result::ok),
        payment_history: payment_history.flatten(),
        organization_id: organization,
        tags: form.value("tags").split([';', '\n']).map(str::to_owned).collect(),
    };
    let groups = groups(form, listed).unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    match details.checked() {
        Ok(details) if errors.is_empty() => Ok(Typed { details, metadata: Some(metadata), groups }),
        Ok(_) => Err(errors),
        Err(wrong) => Err(wrong.into_iter().chain(errors).collect()),
    }
}

/// The groups that the form asks for; `None` where its person left them alone.
fn groups(form: &FormState, listed: &[String]) -> Result<Option<Vec<String>>, FieldError> {
    if !form.has("groups") {
        return Ok(None);
    }
    let names = |text: &str| {
        let list: Vec<String> = text.split([';', '\n']).map(str::to_owned).collect();
        grouping::names(&list).map_err(|message| FieldError::new("groups", message))
    };
    let typed = names(form.value("groups"))?;
    let was = serde_json::from_str::<FormState>(form.value("was")).unwrap_or_default();
    Ok(grouping::asked(&names(was.value("groups")).unwrap_or_default(), &typed, listed))
}

/// A form filled with a customer's fields; the organization by its name, the groups that the list decides about.
pub fn fill(details: &Details, metadata: &Map<String, Value>, organization: &str, listed: &[String]) -> FormState {
    let mut form = FormState::new()
        .with("code", &details.code)
        .with("name", &details.name)
        .with("email", details.email.as_deref().unwrap_or_default())
        .with("status", details.status.name())
        .with("country", details.country.as_deref().unwrap_or_default())
        .with("region", details.region.as_deref().unwrap_or_default())
        .with("customer_since", details.customer_since.map(|day| day.to_string()).unwrap_or_default())
        .with("payment_history", details.payment_history.map(PaymentHistory::name).unwrap_or_default())
        .with("organization", details.organization_id.map(|id| id.to_string()).unwrap_or_default())
        .with("organization_text", organization)
        .with("tags", details.tags.join("; "))
        .with("groups", listed.join("\n"));
    fill_metadata(&mut form, metadata);
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_customer_fills_the_form_and_comes_back_the_same() {
        let organization = Uuid::now_v7();
        let details = Details {
            code: "C1".into(),
            name: "Acme".into(),
            email: Some("a@b".into()),
            status: Status::Blocked,
            country: Some("DE".into()),
            region: Some("Bavaria".into()),
            customer_since: NaiveDate::from_ymd_opt(2024, 2, 29),
            payment_history: Some(PaymentHistory::Good),
            organization_id: Some(organization),
            tags: vec!["a, b".into(), "c".into()],
        };
        let metadata = serde_json::json!({"k": [1]}).as_object().cloned().unwrap();
        let listed = ["Gold, old".to_owned(), "VIP".to_owned()];
        let form = fill(&details, &metadata, "Acme Group", &listed);
        let untouched = form.clone().with("was", form.to_json());
        let typed = parse(&untouched, Some(organization), &listed).unwrap();
        assert_eq!(typed, Typed { details, metadata: Some(metadata), groups: None });
        let touched = untouched.with("groups", "VIP; New");
        assert_eq!(
            parse(&touched, Some(organization), &listed).unwrap().groups,
            Some(vec!["VIP".into(), "New".into()])
        );
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let body = "code=&name=&email=x&status=y&country=QQ&customer_since=yesterday&payment_history=bad\
                    &organization_text=nobody&groups=a%0Ab&metadata_key=&metadata_value=1";
        let form: FormState = serde_urlencoded::from_str(body).unwrap();
        let mut fields: Vec<String> = parse(&form, None, &[]).unwrap_err().into_iter().map(|e| e.field).collect();
        fields.sort();
        assert_eq!(
            fields,
            [
                "code",
                "country",
                "customer_since",
                "email",
                "metadata",
                "name",
                "organization",
                "payment_history",
                "status"
            ]
        );
    }
}
