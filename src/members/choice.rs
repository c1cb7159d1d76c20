//! What can be chosen when customers are added and removed (SPEC 4).

use uuid::Uuid;

/// How customers are added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Other groups are kept.
    #[default]
    Only,
    /// Other memberships by hand end, without excluding; those by rule stay.
    Move,
    /// The group becomes their primary one; others are kept.
    Primary,
}

impl Mode {
    /// All, in the order of the form.
    pub const ALL: [Mode; 3] = [Self::Only, Self::Move, Self::Primary];

    /// The name in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Only => "only",
            Self::Move => "move",
            Self::Primary => "primary",
        }
    }

    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Only => "Add to this group only",
            Self::Move => "Move from current group(s)",
            Self::Primary => "Add to this group as primary",
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Only => "They keep their other groups.",
            Self::Move => "They leave the other groups they are in by hand; memberships by rule stay.",
            Self::Primary => "They keep their other groups, and this one decides their terms.",
        }
    }
}

/// What becomes of customers who are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// They join this group: the store's default group or a chosen one.
    Join(Uuid),
    /// They keep their other groups.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_known_by_its_name() {
        for mode in Mode::ALL {
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
        }
        assert_eq!(Mode::from_name("all"), None);
    }
}
