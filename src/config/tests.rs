use super::*;
use std::path::Path;

fn from(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

const KEY: &str = "a text of sixty-four bytes or more, as the session key has to be";

#[test]
fn nothing_set_gives_the_defaults() {
    let config = Config::read(&from(&[("HOME", "/home/ann")])).unwrap();
    assert_eq!(config.database_url, None);
    assert_eq!(config.pool_size, 16);
    assert_eq!(config.log, DEFAULT_LOG);
    assert_eq!(config.log_format, LogFormat::Text);
    let serve = ServeConfig::read(&from(&[("SESSION_KEY", KEY)])).unwrap();
    assert_eq!(serve.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(serve.https, Https::Auto);
    assert!(serve.workers >= 1);
    assert_eq!(serve.api_rate_limit, None);
    assert!(!serve.webhooks_private_networks);
}

#[test]
fn an_empty_variable_is_not_set() {
    let empty = [("HOME", "/home/ann"), ("LOG", ""), ("DATABASE_URL", ""), ("DB_POOL_SIZE", ""), ("LOG_FORMAT", "")];
    let config = Config::read(&from(&empty)).unwrap();
    assert_eq!((config.log.as_str(), config.database_url, config.pool_size), (DEFAULT_LOG, None, 16));
}

#[test]
fn reads_what_is_set() {
    let url = "postgresql://shop:pa55word@db.example/shop";
    let set = [
        ("DATABASE_URL", url),
        ("DATA_DIR", "/srv/clientele"),
        ("DB_POOL_SIZE", "200"),
        ("LOG", "warn,clientele=debug"),
        ("LOG_FORMAT", "JSON"),
    ];
    let config = Config::read(&from(&set)).unwrap();
    assert_eq!(config.database_url.unwrap().expose(), url);
    assert_eq!(config.data_dir, Path::new("/srv/clientele"));
    assert_eq!(config.pool_size, 200);
    assert_eq!(config.log, "warn,clientele=debug");
    assert_eq!(config.log_format, LogFormat::Json);
    for (bind, expected) in [
        ("0.0.0.0:80", "0.0.0.0:80"),
        ("[::]:8080", "[::]:8080"),
        ("localhost:9000", "127.0.0.1:9000"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ] {
        let set = [("BIND", bind), ("SESSION_KEY", KEY), ("HTTPS", "on"), ("WORKERS", "3")];
        let serve = ServeConfig::read(&from(&set)).unwrap();
        assert_eq!(serve.bind.to_string(), expected);
        assert!(serve.redis.is_none());
        assert_eq!((serve.https, serve.workers), (Https::On, 3));
    }
}

#[test]
fn redis_is_named_by_address_or_by_socket_and_need_not_be_there() {
    for url in ["redis://cache.example", "redis://:pa55word@10.0.0.5:6380/2", "redis+unix:///run/redis.sock"] {
        let serve = ServeConfig::read(&from(&[("REDIS_URL", url), ("SESSION_KEY", KEY)])).unwrap();
        assert!(serve.redis.is_some(), "{url}");
    }
}

#[test]
fn a_malformed_setting_is_one_sentence_that_names_it() {
    for (name, value, expected) in [
        ("DATABASE_URL", "mysql://h/d", "DATABASE_URL is not the address of a PostgreSQL database"),
        ("DB_POOL_SIZE", "many", "DB_POOL_SIZE is \"many\": write a whole number from 1 to 1000."),
        ("DB_POOL_SIZE", "0", "DB_POOL_SIZE is \"0\""),
        ("DB_POOL_SIZE", "-1", "DB_POOL_SIZE is \"-1\""),
        ("DB_POOL_SIZE", "81", "DB_POOL_SIZE is 81, but the embedded PostgreSQL takes 80"),
        ("LOG", "clientele=loud", "LOG is \"clientele=loud\": write a level"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is \"xml\": write one of text, json."),
        ("BIND", "8080", "BIND is \"8080\": write an IP address and a port"),
        ("BIND", "127.0.0.1:99999", "BIND is \"127.0.0.1:99999\""),
        ("WORKERS", "0", "WORKERS is \"0\": write a whole number from 1 to 1024."),
        ("HTTPS", "yes", "HTTPS is \"yes\": write one of auto, on, off."),
        ("REDIS_URL", "rediss://cache.example", "REDIS_URL is not the address of a Redis server"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL is not the address of a Redis server"),
        ("SESSION_KEY", "short", "SESSION_KEY has 5 bytes: it needs 64 or more."),
    ] {
        let set = from(&[("HOME", "/home/ann"), (name, value)]);
        let refused = Config::read(&set).err().or_else(|| ServeConfig::read(&set).err());
        let sentence = refused.unwrap_or_else(|| panic!("{name}={value} was taken")).to_string();
        assert!(sentence.starts_with(expected), "{sentence}");
        assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn finds_the_data_folder() {
    for (variables, root, os, expected) in [
        (&[("HOME", "/home/ann")][..], false, "linux", "/home/ann/.local/share/clientele"),
        (&[("HOME", "/home/ann"), ("XDG_DATA_HOME", "/data")], false, "linux", "/data/clientele"),
        (&[("HOME", "/home/ann"), ("XDG_DATA_HOME", "data")], false, "linux", "/home/ann/.local/share/clientele"),
        (&[("HOME", "/Users/ann")], false, "macos", "/Users/ann/Library/Application Support/clientele"),
        (&[("HOME", "/root")], true, "linux", "/var/lib/clientele"),
        (&[("HOME", "/root"), ("DATA_DIR", "/srv/c")], true, "linux", "/srv/c"),
        (&[("DATA_DIR", "/srv/c")], false, "macos", "/srv/c"),
    ] {
        let found = Settings(&from(variables)).data_dir(root, os).unwrap();
        assert_eq!(found, Path::new(expected), "{variables:?}");
    }
    let homeless = Settings(&from(&[])).data_dir(false, "linux").unwrap_err().to_string();
    assert!(homeless.contains("set DATA_DIR"), "{homeless}");
    let relative = Settings(&from(&[("DATA_DIR", "here")])).data_dir(false, "linux").unwrap();
    assert_eq!(relative, std::env::current_dir().unwrap().join("here"));
}

#[test]
fn secrets_do_not_print() {
    let set = [
        ("DATABASE_URL", "postgresql://shop:pa55word@db/shop"),
        ("HOME", "/h"),
        ("SESSION_KEY", KEY),
        ("REDIS_URL", "redis://:pa55word@cache.example"),
    ];
    let shown = format!("{:?} {:?}", Config::read(&from(&set)).unwrap(), ServeConfig::read(&from(&set)).unwrap());
    assert!(!shown.contains("pa55word") && !shown.contains("sixty-four"), "{shown}");
}
