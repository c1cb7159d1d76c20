//! A small server that webhooks are sent to: it notes what comes, and answers as it is told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// How it answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// With this status, these header lines and this body.
    Status(u16, &'static str, &'static str),
    /// Not at all, until the caller goes.
    Never,
    /// With headers and then a body that goes on until the caller goes.
    Endless(u16),
    /// By closing the connection.
    Hangup,
}

#[derive(Default)]
struct Shared {
    received: Vec<Received>,
    replies: VecDeque<Reply>,
    stops: bool,
}

/// The server, until this value goes.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// One that answers 204 to everything that nothing else was told for.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let inside = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let mut serving = Vec::new();
            for stream in listener.incoming() {
                if inside.lock().unwrap().stops {
                    break;
                }
                let (stream, inside) = (stream.unwrap(), Arc::clone(&inside));
                serving.push(std::thread::spawn(move || answer(stream, &inside)));
            }
            serving.into_iter().for_each(|one| one.join().unwrap());
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks?shop=1", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The next requests are answered like this, in this order.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.lock().unwrap().replies.extend(replies);
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().received.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.lock().unwrap().stops = true;
        // It waits for the next connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let reply = {
        let mut shared = shared.lock().unwrap();
        shared.received.push(Received { target, headers, body: String::from_utf8(body).unwrap() });
        shared.replies.pop_front().unwrap_or(Reply::Status(204, "", ""))
    };
    // The caller may be gone before the end.
    let _ = match reply {
        Reply::Status(status, headers, body) => {
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
        }
        Reply::Never => stream.read(&mut [0]).map(drop),
        Reply::Endless(status) => {
            let begun = write!(stream, "HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n");
            begun.and_then(|()| {
                loop {
                    write!(stream, "400\r\n{}\r\n", "x".repeat(1024))?;
                }
            })
        }
        Reply::Hangup => Ok(()),
    };
}
