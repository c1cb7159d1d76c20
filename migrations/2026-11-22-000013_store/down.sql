DROP TABLE price_list_uses, group_price_uses, order_pricing;
