//! Roles, what each may do, and the actor: whoever a change is recorded under.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A person's or token's role (SPEC 2). Each may do everything that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Managers: read everything, run and export reports, price check, order check.
    Viewer,
    /// Back office: groups, members, rules, settings, lists, imports, customers, products.
    Editor,
    /// Administrators: the tree, inheritance, deactivating and deleting, the store, people.
    Admin,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Editor, Role::Admin];

    /// The role of its stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The stored name, `editor`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// For people: `Editor`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Editor => "Editor",
            Self::Admin => "Administrator",
        }
    }

    /// What the role is for, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Viewer => "Reads everything and runs reports",
            Self::Editor => "Also creates and edits groups, members and settings",
            Self::Admin => "Also shapes the tree, deletes groups, and manages the store and its people",
        }
    }

    /// Whether the role may do it.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See any page, call any reading API.
    Read,
    /// Create groups and edit their details.
    EditGroups,
    /// Add customers to groups and remove them.
    EditMembers,
    /// Create and edit customers and organizations.
    EditCustomers,
    /// Import files.
    Import,
    /// Create, edit and delete products, price lists and visibility groups.
    EditCatalogue,
    /// Create, edit and delete promotions, campaigns and segments.
    EditPromotions,
    /// Move groups, switch inheritance, change a group's status, delete and restore groups.
    ShapeTree,
    /// Change the store's settings.
    ManageStore,
    /// Users and API tokens.
    ManagePeople,
    /// Webhooks: who is told of changes, and what was sent.
    ManageWebhooks,
}

impl Permission {
    /// The least role that has it (the table of SPEC 2).
    pub fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::EditGroups
            | Self::EditMembers
            | Self::Import
            | Self::EditCustomers
            | Self::EditCatalogue
            | Self::EditPromotions => Role::Editor,
            Self::ShapeTree | Self::ManageStore | Self::ManagePeople | Self::ManageWebhooks => Role::Admin,
        }
    }

    fn refusal(self) -> &'static str {
        match self {
            Self::Read => "You may not see this.",
            Self::EditGroups => "Only editors and administrators may create and edit groups.",
            Self::EditMembers => "Only editors and administrators may add members to groups and remove them.",
            Self::EditCustomers => "Only editors and administrators may create and edit customers and organizations.",
            Self::Import => "Only editors and administrators may import.",
            Self::EditCatalogue => {
                "Only editors and administrators may change products, price lists and visibility groups."
            }
            Self::EditPromotions => "Only editors and administrators may change promotions, campaigns and segments.",
            Self::ShapeTree => {
                "Only administrators may move groups, switch inheritance, change a group's status, delete or restore it."
            }
            Self::ManageStore => "Only administrators may change the store's settings.",
            Self::ManagePeople => "Only administrators may manage users and API tokens.",
            Self::ManageWebhooks => "Only administrators may manage webhooks.",
        }
    }
}

/// What kind of actor did something, as the audit log keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A signed-in person.
    User,
    /// An API token.
    Token,
    /// Someone with a shell on the machine.
    CommandLine,
    /// The program itself, when a rule runs that was due.
    RuleRun,
    /// The program itself, otherwise.
    System,
}

impl ActorKind {
    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Token => "token",
            Self::CommandLine => "command_line",
            Self::RuleRun => "rule_run",
            Self::System => "system",
        }
    }
}

/// Whoever asks for something: every action takes one, checks its role, and is recorded under its name.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Person, token or command line.
    pub kind: ActorKind,
    /// The user's or token's id.
    pub id: Option<Uuid>,
    /// The name that the audit log shows, also after the person is gone.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The request that this happens in, where there is one.
    pub request_id: Option<String>,
}

impl Actor {
    /// The administrator at the command line.
    pub fn command_line() -> Self {
        Self {
            kind: ActorKind::CommandLine,
            id: None,
            name: "Command line".into(),
            role: Role::Admin,
            request_id: None,
        }
    }

    /// The program itself, when a rule runs that was due.
    pub fn rule_run() -> Self {
        Self { kind: ActorKind::RuleRun, id: None, name: "Rule run".into(), role: Role::Admin, request_id: None }
    }

    /// The program itself, when it does something of its own accord.
    pub fn system() -> Self {
        Self { kind: ActorKind::System, id: None, name: "Clientele".into(), role: Role::Admin, request_id: None }
    }

    /// Whether the actor may do it; what it may not do, it doesn't see the button of.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// Refuses with [`Error::Forbidden`] where the actor may not do it.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::Forbidden(permission.refusal().into())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_may_what_the_table_says() {
        use Permission::*;
        for (permission, viewer, editor, admin) in [
            (Read, true, true, true),
            (EditGroups, false, true, true),
            (EditMembers, false, true, true),
            (EditCustomers, false, true, true),
            (Import, false, true, true),
            (EditCatalogue, false, true, true),
            (EditPromotions, false, true, true),
            (ShapeTree, false, false, true),
            (ManageStore, false, false, true),
            (ManagePeople, false, false, true),
            (ManageWebhooks, false, false, true),
        ] {
            assert_eq!(Role::Viewer.may(permission), viewer, "viewer {permission:?}");
            assert_eq!(Role::Editor.may(permission), editor, "editor {permission:?}");
            assert_eq!(Role::Admin.may(permission), admin, "admin {permission:?}");
        }
    }

    #[test]
    fn a_role_is_known_by_its_name_only() {
        assert_eq!(Role::from_name("editor"), Some(Role::Editor));
        assert_eq!(Role::from_name("Editor"), None);
        assert_eq!(Role::from_name("root"), None);
    }
}
