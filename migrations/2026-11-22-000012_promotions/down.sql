DROP TABLE campaign_promotions, campaign_segments, campaigns, segment_groups, segments, promotion_targets, promotions;
DROP FUNCTION promotion_is_targeted, promotion_stays_targeted;
