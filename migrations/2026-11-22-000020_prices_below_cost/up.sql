-- Which products a discount sells below cost is found by how much of the price the cost is, and by what is earned.
CREATE INDEX products_cost_share ON products ((cost::numeric / base_price))
    WHERE status = 'active' AND cost > 0 AND base_price > 0;
CREATE INDEX products_earned ON products ((base_price - cost)) WHERE status = 'active' AND cost > 0;
