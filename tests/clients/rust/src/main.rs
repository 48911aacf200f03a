//! A caller on the AWS SDK for Rust. See ../README.md for arguments and output.
//!
//! SSL_CERT_FILE is honoured, as the SDK's default HTTP client reads the system's certificates with rustls-native-certs.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::error::InvokeModelWithBidirectionalStreamInputError as InputError;
use aws_sdk_bedrockruntime::types::{
    BidirectionalInputPayloadPart, InvokeModelWithBidirectionalStreamInput as Input,
    InvokeModelWithBidirectionalStreamOutput as Output,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::stream::poll_fn;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval, timeout};

const LIMIT: Duration = Duration::from_secs(40);
const PIECE: Duration = Duration::from_millis(32);
const PIECE_BYTES: usize = 1024; // 32 ms of PCM s16le, mono, 16 kHz
const PROMPT: &str = "prompt";

type Fallible<T> = Result<T, Box<dyn Error>>;

/// One session: what it sends goes to `outbox`, and dropping that ends the request's body.
struct Call {
    outbox: Option<UnboundedSender<Value>>,
    stages: HashMap<String, String>,
    waiting: Vec<u8>,
    interruption: Vec<u8>,
    must_be_interrupted: bool,
    contents: usize,
    seen: Value,
}

impl Call {
    fn new(outbox: UnboundedSender<Value>, speech: Vec<u8>, interruption: Vec<u8>) -> Self {
        Self {
            outbox: Some(outbox),
            stages: HashMap::new(),
            waiting: speech,
            must_be_interrupted: !interruption.is_empty(),
            interruption,
            contents: 0,
            seen: json!({
                "client": format!("aws-sdk-bedrockruntime {}", aws_sdk_bedrockruntime::meta::PKG_VERSION),
                "heard": [], "said": [], "audio_bytes": 0, "tools": [], "interrupted": false, "ended": [],
            }),
        }
    }

    fn open(&mut self, with_tool: bool) {
        let tool = json!({"toolSpec": {
            "name": "get_weather", "description": "The weather.", "inputSchema": {"json": r#"{"type": "object"}"#},
        }});
        let tools = if with_tool { vec![tool] } else { vec![] };
        self.send(
            "sessionStart",
            json!({"inferenceConfiguration": {"maxTokens": 1024, "topP": 0.9, "temperature": 0.7}}),
        );
        self.send(
            "promptStart",
            json!({
                "promptName": PROMPT,
                "textOutputConfiguration": {"mediaType": "text/plain"},
                "audioOutputConfiguration": with(form(24000), json!({"voiceId": "tiffany"})),
                "toolUseOutputConfiguration": {"mediaType": "application/json"},
                "toolConfiguration": {"tools": tools},
            }),
        );
        let system = json!({"type": "TEXT", "role": "SYSTEM", "textInputConfiguration": {"mediaType": "text/plain"}});
        self.content("textInput", "You are helpful.", system);
        let microphone =
            json!({"type": "AUDIO", "role": "USER", "interactive": true, "audioInputConfiguration": form(16000)});
        self.send("contentStart", with(audio(), microphone));
    }

    /// Plays the next piece of what waits to be said, else silence.
    fn speak(&mut self) {
        let mut piece: Vec<u8> = self.waiting.drain(..PIECE_BYTES.min(self.waiting.len())).collect();
        piece.resize(PIECE_BYTES, 0);
        self.send("audioInput", with(audio(), json!({"content": BASE64.encode(piece)})));
    }

    fn close(&mut self) {
        self.send("contentEnd", audio());
        self.send("promptEnd", json!({"promptName": PROMPT}));
        self.send("sessionEnd", json!({}));
        self.outbox = None;
    }

    fn receive(&mut self, raw: &[u8]) -> Fallible<()> {
        let message: Value = serde_json::from_slice(raw)?;
        let (name, body) = message["event"]
            .as_object()
            .and_then(|event| event.iter().next())
            .ok_or("no event")?;
        match name.as_str() {
            "contentStart" => {
                let fields: Value = serde_json::from_str(body["additionalModelFields"].as_str().unwrap_or("{}"))?;
                let stage = format!("{} {}", text(&body["role"]), text(&fields["generationStage"]));
                self.stages.insert(text(&body["contentId"]), stage);
            }
            "textOutput" => match self.stages[&text(&body["contentId"])].as_str() {
                "USER FINAL" => self.note("heard", body["content"].clone()),
                "ASSISTANT SPECULATIVE" => self.note("said", json!(text(&body["content"]).trim())),
                _ => {}
            },
            "audioOutput" => {
                let length = BASE64.decode(text(&body["content"]))?.len() as u64;
                self.seen["audio_bytes"] = json!(self.seen["audio_bytes"].as_u64().unwrap_or(0) + length);
                self.waiting.append(&mut self.interruption);
            }
            "toolUse" => {
                let arguments: Value = serde_json::from_str(&text(&body["content"]))?;
                self.note("tools", json!({"name": body["toolName"], "arguments": arguments}));
                self.send_result(&body["toolUseId"]);
            }
            "contentEnd" => self.note_end(&text(&body["type"]), &text(&body["stopReason"])),
            "completionEnd" => self.note("ended", json!(name)),
            _ => {}
        }
        Ok(())
    }

    fn note_end(&mut self, kind: &str, reason: &str) {
        if reason == "INTERRUPTED" {
            self.seen["interrupted"] = json!(true);
        } else if (kind, reason) == ("AUDIO", "END_TURN") && self.seen["interrupted"] == self.must_be_interrupted {
            self.close();
        }
    }

    fn send_result(&mut self, tool_use_id: &Value) {
        let form =
            json!({"toolUseId": tool_use_id, "type": "TEXT", "textInputConfiguration": {"mediaType": "text/plain"}});
        let start = json!({"type": "TOOL", "role": "TOOL", "toolResultInputConfiguration": form});
        self.content("toolResult", r#"{"sky": "sunny"}"#, start);
    }

    fn content(&mut self, event: &str, words: &str, start: Value) {
        self.contents += 1;
        let place = json!({"promptName": PROMPT, "contentName": format!("content-{}", self.contents)});
        self.send(
            "contentStart",
            with(with(place.clone(), json!({"interactive": false})), start),
        );
        self.send(event, with(place.clone(), json!({"content": words})));
        self.send("contentEnd", place);
    }

    fn send(&mut self, name: &str, body: Value) {
        if let Some(outbox) = &self.outbox {
            let _ = outbox.send(json!({"event": {name: body}})); // nobody takes it once the session has failed
        }
    }

    fn note(&mut self, what: &str, value: Value) {
        if let Some(list) = self.seen[what].as_array_mut() {
            list.push(value);
        }
    }
}

fn audio() -> Value {
    json!({"promptName": PROMPT, "contentName": "audio"})
}

fn form(rate_hz: u32) -> Value {
    json!({
        "mediaType": "audio/lpcm", "sampleRateHertz": rate_hz, "sampleSizeBits": 16, "channelCount": 1,
        "encoding": "base64", "audioType": "SPEECH",
    })
}

fn with(mut some: Value, more: Value) -> Value {
    if let (Value::Object(all), Value::Object(more)) = (&mut some, more) {
        all.extend(more);
    }
    some
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn chunk(event: &Value) -> Result<Input, InputError> {
    let part = BidirectionalInputPayloadPart::builder()
        .bytes(Blob::new(event.to_string()))
        .build();
    Ok(Input::Chunk(part))
}

async fn hold(scenario: &str, endpoint: &str, speech: Vec<u8>, interruption: Vec<u8>) -> Fallible<Value> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .load()
        .await;
    let (outbox, mut events) = unbounded_channel::<Value>();
    let body = poll_fn(move |context| events.poll_recv(context).map(|event| event.map(|event| chunk(&event))));
    let mut call = Call::new(outbox, speech, interruption);
    call.open(scenario == "tool");
    let mut response = Client::new(&config)
        .invoke_model_with_bidirectional_stream()
        .model_id("amazon.nova-2-sonic-v1:0")
        .body(body.into())
        .send()
        .await?;
    let mut ticks = interval(PIECE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        tokio::select! {
            _ = ticks.tick() => call.speak(),
            received = response.body.recv() => match received? {
                Some(Output::Chunk(part)) => call.receive(part.bytes().map(Blob::as_ref).unwrap_or_default())?,
                Some(other) => return Err(format!("unexpected: {other:?}").into()),
                None => break,
            },
        }
    }
    call.note("ended", json!("END_STREAM"));
    Ok(call.seen)
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    let scenario = arguments.next().ok_or("which scenario?")?;
    let endpoint = arguments.next().ok_or("which endpoint?")?;
    let files = arguments.map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let [speech, interruption] = match files.as_slice() {
        [speech] => [speech.clone(), vec![]],
        [speech, interruption] => [speech.clone(), interruption.clone()],
        _ => return Err("one or two files of speech, please".into()),
    };
    println!(
        "{}",
        timeout(LIMIT, hold(&scenario, &endpoint, speech, interruption)).await??
    );
    Ok(())
}
