//! What can happen, by name and in words.

/// What can happen. The stored name is `subject.verb`; the log shows a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A group was made.
    GroupCreated,
    /// A group's own fields were changed.
    GroupChanged,
    /// A group got another parent, also because its parent was deleted.
    GroupMoved,
    /// A group was (softly) deleted.
    GroupDeleted,
    /// A deleted group came back.
    GroupRestored,
    /// Somebody looked a group through.
    GroupReviewed,
    /// A group got a rule, or another one.
    RuleSaved,
    /// A rule ran and changed who is in its group.
    RuleRun,
    /// A rule's run waits for approval: too many would leave.
    RuleHeld,
    /// A held run was approved.
    RuleApproved,
    /// A held run was discarded.
    RuleDiscarded,
    /// Customers were added to a group by hand.
    MembersAdded,
    /// Customers were removed from a group by hand.
    MembersRemoved,
    /// A change of a group's members was undone.
    MembersPutBack,
    /// A group was made a customer's primary one.
    PrimaryChosen,
    /// Rule runs may put a customer into a group again.
    ExclusionLifted,
    /// A customer was made.
    CustomerCreated,
    /// A customer's fields were changed.
    CustomerChanged,
    /// An organization was made.
    OrganizationCreated,
    /// An organization's fields were changed.
    OrganizationChanged,
    /// A product was made.
    ProductCreated,
    /// A product's fields were changed.
    ProductChanged,
    /// A price list was made.
    PriceListCreated,
    /// A price list's own fields were changed.
    PriceListChanged,
    /// Prices of a price list were added, changed or removed.
    PricesChanged,
    /// A price list was deleted with its prices.
    PriceListDeleted,
    /// A visibility group was made.
    VisibilityGroupCreated,
    /// A visibility group's fields or products were changed.
    VisibilityGroupChanged,
    /// A visibility group was deleted.
    VisibilityGroupDeleted,
    /// A promotion was made.
    PromotionCreated,
    /// A promotion's fields were changed.
    PromotionChanged,
    /// A promotion was deleted.
    PromotionDeleted,
    /// A campaign was made.
    CampaignCreated,
    /// A campaign's fields were changed.
    CampaignChanged,
    /// A campaign was deleted.
    CampaignDeleted,
    /// A segment was made.
    SegmentCreated,
    /// A segment's fields were changed.
    SegmentChanged,
    /// A segment was deleted.
    SegmentDeleted,
    /// The store's settings were changed.
    StoreChanged,
    /// A person may sign in from now on.
    UserCreated,
    /// A person's name, role or access was changed.
    UserChanged,
    /// A person got a new password; all of the person's sessions ended.
    PasswordSet,
    /// A person signed in.
    SignedIn,
    /// An API token was made.
    TokenCreated,
    /// An API token was revoked.
    TokenRevoked,
    /// A webhook was made.
    WebhookCreated,
    /// A webhook's fields were changed, or it was paused or resumed.
    WebhookChanged,
    /// A webhook got another secret.
    WebhookSecretReplaced,
    /// A test event was sent to a webhook.
    WebhookTested,
    /// Deliveries to a webhook were sent again.
    WebhookReplayed,
    /// A webhook was deleted with its deliveries.
    WebhookDeleted,
    /// A file was imported.
    ImportCompleted,
    /// The demo shop was loaded.
    DemoLoaded,
}

impl Action {
    /// All actions, in the order in which filters list them.
    pub const ALL: [Action; 53] = [
        Self::GroupCreated,
        Self::GroupChanged,
        Self::GroupMoved,
        Self::GroupDeleted,
        Self::GroupRestored,
        Self::GroupReviewed,
        Self::RuleSaved,
        Self::RuleRun,
        Self::RuleHeld,
        Self::RuleApproved,
        Self::RuleDiscarded,
        Self::MembersAdded,
        Self::MembersRemoved,
        Self::MembersPutBack,
        Self::PrimaryChosen,
        Self::ExclusionLifted,
        Self::CustomerCreated,
        Self::CustomerChanged,
        Self::OrganizationCreated,
        Self::OrganizationChanged,
        Self::ProductCreated,
        Self::ProductChanged,
        Self::PriceListCreated,
        Self::PriceListChanged,
        Self::PricesChanged,
        Self::PriceListDeleted,
        Self::VisibilityGroupCreated,
        Self::VisibilityGroupChanged,
        Self::VisibilityGroupDeleted,
        Self::PromotionCreated,
        Self::PromotionChanged,
        Self::PromotionDeleted,
        Self::CampaignCreated,
        Self::CampaignChanged,
        Self::CampaignDeleted,
        Self::SegmentCreated,
        Self::SegmentChanged,
        Self::SegmentDeleted,
        Self::StoreChanged,
        Self::UserCreated,
        Self::UserChanged,
        Self::PasswordSet,
        Self::SignedIn,
        Self::TokenCreated,
        Self::TokenRevoked,
        Self::WebhookCreated,
        Self::WebhookChanged,
        Self::WebhookSecretReplaced,
        Self::WebhookTested,
        Self::WebhookReplayed,
        Self::WebhookDeleted,
        Self::ImportCompleted,
        Self::DemoLoaded,
    ];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GroupCreated => "group.created",
            Self::GroupChanged => "group.changed",
            Self::GroupMoved => "group.moved",
            Self::GroupDeleted => "group.deleted",
            Self::GroupRestored => "group.restored",
            Self::GroupReviewed => "group.reviewed",
            Self::RuleSaved => "rule.saved",
            Self::RuleRun => "rule.run",
            Self::RuleHeld => "rule.held",
            Self::RuleApproved => "rule.approved",
            Self::RuleDiscarded => "rule.discarded",
            Self::MembersAdded => "group.members_added",
            Self::MembersRemoved => "group.members_removed",
            Self::MembersPutBack => "group.members_put_back",
            Self::PrimaryChosen => "group.primary_chosen",
            Self::ExclusionLifted => "group.exclusion_lifted",
            Self::CustomerCreated => "customer.created",
            Self::CustomerChanged => "customer.changed",
            Self::OrganizationCreated => "organization.created",
            Self::OrganizationChanged => "organization.changed",
            Self::ProductCreated => "product.created",
            Self::ProductChanged => "product.changed",
            Self::PriceListCreated => "price_list.created",
            Self::PriceListChanged => "price_list.changed",
            Self::PricesChanged => "price_list.prices_changed",
            Self::PriceListDeleted => "price_list.deleted",
            Self::VisibilityGroupCreated => "visibility_group.created",
            Self::VisibilityGroupChanged => "visibility_group.changed",
            Self::VisibilityGroupDeleted => "visibility_group.deleted",
            Self::PromotionCreated => "promotion.created",
            Self::PromotionChanged => "promotion.changed",
            Self::PromotionDeleted => "promotion.deleted",
            Self::CampaignCreated => "campaign.created",
            Self::CampaignChanged => "campaign.changed",
            Self::CampaignDeleted => "campaign.deleted",
            Self::SegmentCreated => "segment.created",
            Self::SegmentChanged => "segment.changed",
            Self::SegmentDeleted => "segment.deleted",
            Self::StoreChanged => "store.changed",
            Self::UserCreated => "user.created",
            Self::UserChanged => "user.changed",
            Self::PasswordSet => "user.password_set",
            Self::SignedIn => "user.signed_in",
            Self::TokenCreated => "token.created",
            Self::TokenRevoked => "token.revoked",
            Self::WebhookCreated => "webhook.created",
            Self::WebhookChanged => "webhook.changed",
            Self::WebhookSecretReplaced => "webhook.secret_replaced",
            Self::WebhookTested => "webhook.tested",
            Self::WebhookReplayed => "webhook.replayed",
            Self::WebhookDeleted => "webhook.deleted",
            Self::ImportCompleted => "import.completed",
            Self::DemoLoaded => "demo.loaded",
        }
    }

    /// The action of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// For people, in a list of what can be looked for.
    pub fn label(self) -> &'static str {
        match self {
            Self::GroupCreated => "Group created",
            Self::GroupChanged => "Group changed",
            Self::GroupMoved => "Group moved",
            Self::GroupDeleted => "Group deleted",
            Self::GroupRestored => "Group restored",
            Self::GroupReviewed => "Group reviewed",
            Self::RuleSaved => "Rule saved",
            Self::RuleRun => "Rule run",
            Self::RuleHeld => "Rule run held",
            Self::RuleApproved => "Held rule run approved",
            Self::RuleDiscarded => "Held rule run discarded",
            Self::MembersAdded => "Members added",
            Self::MembersRemoved => "Members removed",
            Self::MembersPutBack => "Change of members undone",
            Self::PrimaryChosen => "Primary group chosen",
            Self::ExclusionLifted => "Exclusion lifted",
            Self::CustomerCreated => "Customer created",
            Self::CustomerChanged => "Customer changed",
            Self::OrganizationCreated => "Organization created",
            Self::OrganizationChanged => "Organization changed",
            Self::ProductCreated => "Product created",
            Self::ProductChanged => "Product changed",
            Self::PriceListCreated => "Price list created",
            Self::PriceListChanged => "Price list changed",
            Self::PricesChanged => "Prices of a price list changed",
            Self::PriceListDeleted => "Price list deleted",
            Self::VisibilityGroupCreated => "Visibility group created",
            Self::VisibilityGroupChanged => "Visibility group changed",
            Self::VisibilityGroupDeleted => "Visibility group deleted",
            Self::PromotionCreated => "Promotion created",
            Self::PromotionChanged => "Promotion changed",
            Self::PromotionDeleted => "Promotion deleted",
            Self::CampaignCreated => "Campaign created",
            Self::CampaignChanged => "Campaign changed",
            Self::CampaignDeleted => "Campaign deleted",
            Self::SegmentCreated => "Segment created",
            Self::SegmentChanged => "Segment changed",
            Self::SegmentDeleted => "Segment deleted",
            Self::StoreChanged => "Store settings changed",
            Self::UserCreated => "User created",
            Self::UserChanged => "User changed",
            Self::PasswordSet => "Password set",
            Self::SignedIn => "Signed in",
            Self::TokenCreated => "API token created",
            Self::TokenRevoked => "API token revoked",
            Self::WebhookCreated => "Webhook created",
            Self::WebhookChanged => "Webhook changed",
            Self::WebhookSecretReplaced => "Webhook secret replaced",
            Self::WebhookTested => "Webhook tested",
            Self::WebhookReplayed => "Webhook deliveries replayed",
            Self::WebhookDeleted => "Webhook deleted",
            Self::ImportCompleted => "File imported",
            Self::DemoLoaded => "Demo shop loaded",
        }
    }

    /// What the actor did, to be followed by the subject's name.
    pub fn verb(self) -> &'static str {
        match self {
            Self::GroupCreated => "created group",
            Self::GroupChanged => "changed group",
            Self::GroupMoved => "moved group",
            Self::GroupDeleted => "deleted group",
            Self::GroupRestored => "restored group",
            Self::GroupReviewed => "reviewed group",
            Self::RuleSaved => "saved the rule of",
            Self::RuleRun => "ran the rule of",
            Self::RuleHeld => "held a run of the rule of",
            Self::RuleApproved => "approved the held run of the rule of",
            Self::RuleDiscarded => "discarded the held run of the rule of",
            Self::MembersAdded => "added members to",
            Self::MembersRemoved => "removed members from",
            Self::MembersPutBack => "undid a change of the members of",
            Self::PrimaryChosen => "chose as a primary group:",
            Self::ExclusionLifted => "lifted an exclusion from",
            Self::CustomerCreated => "created customer",
            Self::CustomerChanged => "changed customer",
            Self::OrganizationCreated => "created organization",
            Self::OrganizationChanged => "changed organization",
            Self::ProductCreated => "created product",
            Self::ProductChanged => "changed product",
            Self::PriceListCreated => "created price list",
            Self::PriceListChanged => "changed price list",
            Self::PricesChanged => "changed prices of price list",
            Self::PriceListDeleted => "deleted price list",
            Self::VisibilityGroupCreated => "created visibility group",
            Self::VisibilityGroupChanged => "changed visibility group",
            Self::VisibilityGroupDeleted => "deleted visibility group",
            Self::PromotionCreated => "created promotion",
            Self::PromotionChanged => "changed promotion",
            Self::PromotionDeleted => "deleted promotion",
            Self::CampaignCreated => "created campaign",
            Self::CampaignChanged => "changed campaign",
            Self::CampaignDeleted => "deleted campaign",
            Self::SegmentCreated => "created segment",
            Self::SegmentChanged => "changed segment",
            Self::SegmentDeleted => "deleted segment",
            Self::StoreChanged => "changed the settings of",
            Self::UserCreated => "created user",
            Self::UserChanged => "changed user",
            Self::PasswordSet => "set the password of",
            Self::SignedIn => "signed in as",
            Self::TokenCreated => "created API token",
            Self::TokenRevoked => "revoked API token",
            Self::WebhookCreated => "created webhook",
            Self::WebhookChanged => "changed webhook",
            Self::WebhookSecretReplaced => "replaced the secret of webhook",
            Self::WebhookTested => "sent a test event to webhook",
            Self::WebhookReplayed => "sent deliveries again to webhook",
            Self::WebhookDeleted => "deleted webhook",
            Self::ImportCompleted => "imported",
            Self::DemoLoaded => "loaded",
        }
    }

    /// The kind of thing it happened to, the part of the name before the dot.
    pub fn subject_kind(self) -> &'static str {
        self.name().split('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_known_by_its_name() {
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(action));
        }
        assert_eq!(Action::from_name("group.exploded"), None);
    }
}
