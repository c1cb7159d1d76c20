//! Light, dark, or as the machine says. The choice is a cookie that the server reads, so a page comes in its colours:
//! nothing flashes and no script is needed.

use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::respond::local_path;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, web};

const COOKIE: &str = "theme";

/// The colours that a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the machine says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All themes with their names for people and their icons.
    pub const CHOICES: [(Theme, &'static str, &'static str); 3] =
        [(Theme::Light, "Light", "sun"), (Theme::Dark, "Dark", "moon"), (Theme::Auto, "Auto", "sun-moon")];

    /// The choice that the browser brings along.
    pub fn of(request: &HttpRequest) -> Self {
        request.cookie(COOKIE).map(|cookie| Self::from_name(cookie.value())).unwrap_or_default()
    }

    /// The name in the cookie and in the page: `dark`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of the page's `color-scheme`, so that even the blank page before the style sheet has its colour.
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn from_name(name: &str) -> Self {
        Self::CHOICES.into_iter().map(|(theme, ..)| theme).find(|theme| theme.name() == name).unwrap_or_default()
    }
}

/// `POST /theme` with `theme` and `next`. It changes nothing on the server, so it needs no token.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/theme").route(web::post().to(choose)));
}

async fn choose(hx: Hx, form: web::Form<FormState>) -> HttpResponse {
    let theme = Theme::from_name(form.value("theme"));
    let cookie = Cookie::build(COOKIE, theme.name())
        .path("/")
        .max_age(Duration::days(365))
        .same_site(SameSite::Lax)
        .http_only(true)
        .finish();
    // The script has changed the colours already; without it, the page is shown again.
    let mut response = if hx.request {
        HttpResponse::NoContent().finish()
    } else {
        hx.see_other(local_path(form.value("next")).unwrap_or("/"))
    };
    if response.add_cookie(&cookie).is_err() {
        tracing::warn!("the theme cookie could not be set");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, http::StatusCode, test};

    #[test]
    async fn a_cookie_that_is_not_a_theme_is_auto() {
        for (value, theme) in
            [("dark", Theme::Dark), ("light", Theme::Light), ("auto", Theme::Auto), ("<x>", Theme::Auto)]
        {
            let request = test::TestRequest::get().cookie(Cookie::new(COOKIE, value)).to_http_request();
            assert_eq!(Theme::of(&request), theme, "{value}");
        }
    }

    #[actix_web::test]
    async fn choosing_sets_the_cookie_and_stays_on_the_site() {
        let app = test::init_service(App::new().configure(routes)).await;
        for (body, htmx, status, location) in [
            ("theme=dark&next=%2Fgroups%3Fq%3Da", false, StatusCode::SEE_OTHER, Some("/groups?q=a")),
            ("theme=dark&next=%2F%2Fevil.test", false, StatusCode::SEE_OTHER, Some("/")),
            ("theme=dark", true, StatusCode::NO_CONTENT, None),
        ] {
            let mut request = test::TestRequest::post()
                .uri("/theme")
                .insert_header(("content-type", "application/x-www-form-urlencoded"))
                .set_payload(body);
            if htmx {
                request = request.insert_header(("hx-request", "true"));
            }
            let response = test::call_service(&app, request.to_request()).await;
            assert_eq!(response.status(), status, "{body}");
            assert_eq!(response.headers().get("location").map(|l| l.to_str().unwrap()), location, "{body}");
            let cookie = response.response().cookies().next().unwrap();
            assert_eq!((cookie.name(), cookie.value(), cookie.http_only()), ("theme", "dark", Some(true)));
        }
    }
}
