//! The three people who sign in to the demo shop (SPEC 16).

/// A sign-in of the demo shop.
#[derive(Debug)]
pub struct Person {
    /// The address to sign in with.
    pub email: &'static str,
    /// The name.
    pub name: &'static str,
    /// `admin`, `editor` or `viewer`.
    pub role: &'static str,
}

/// All three; they share one password.
pub const PEOPLE: [Person; 3] = [
    Person { email: "admin@demo.test", name: "Dana Whitfield", role: "admin" },
    Person { email: "editor@demo.test", name: "Marcus Lindqvist", role: "editor" },
    Person { email: "viewer@demo.test", name: "Priya Raman", role: "viewer" },
];
