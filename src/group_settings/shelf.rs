//! The sets of products that a group's settings name one by one.

/// One of the sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Visible besides what the access choice shows.
    Included,
    /// Never visible, whatever shows them.
    Excluded,
    /// Those that the group's discount applies to.
    Discounted,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Included, Self::Excluded, Self::Discounted];

    /// Where its page stands below the group's.
    pub fn path(self) -> &'static str {
        match self {
            Self::Included => "visibility/included",
            Self::Excluded => "visibility/excluded",
            Self::Discounted => "pricing/products",
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Included => "Included products",
            Self::Excluded => "Excluded products",
            Self::Discounted => "Discounted products",
        }
    }

    /// What being in it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Included => "Visible to this group and its subgroups besides what its product access shows.",
            Self::Excluded => "Hidden from this group and its subgroups, whatever else shows them.",
            Self::Discounted => "The group's discount applies to these products and no others.",
        }
    }

    /// What became of a product that was added: “3 products included”.
    pub fn done(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Excluded => "excluded",
            Self::Discounted => "discounted",
        }
    }

    /// Whether what the groups above name holds here too (SPEC 6: visibility is additive).
    pub fn is_inherited(self) -> bool {
        self != Self::Discounted
    }
}
