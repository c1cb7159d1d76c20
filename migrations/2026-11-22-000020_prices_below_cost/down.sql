DROP INDEX products_earned;
DROP INDEX products_cost_share;
