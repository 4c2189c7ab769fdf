//! What PulseAudio, or PipeWire in its place, tells of the outputs, and our own stream's place among them.
//!
//! The stream itself goes through ALSA, whose plugin for the server tells its latency to the frame; ALSA knows nothing of
//! the server's outputs though. So the server is asked for them in its own protocol, and told where our stream belongs,
//! as volume controls do.

use std::ffi::{CStr, CString};
use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use pulseaudio::protocol::{
    self, AuthParams, AuthReply, Command, CommandReply, DEFAULT_SINK, MAX_VERSION, MoveStreamParams, Prop, Props,
    ProtocolError, ServerInfo, SetClientNameReply, SinkInfoList, SinkInputInfoList,
};

use super::device::OutputDevice;

/// Before the names of the server's outputs, so that they are not taken for others.
const PREFIX: &str = "pulse:";
/// A server that takes longer has no answer worth waiting for: the engine has sound for twice that.
const PATIENCE: Duration = Duration::from_millis(200);

/// A connection to the server.
pub(super) struct SoundServer {
    socket: BufReader<UnixStream>,
    version: u16,
    asked: u32,
}

impl SoundServer {
    /// Connects, if there is a server.
    pub fn connect() -> Option<Self> {
        let socket = UnixStream::connect(pulseaudio::socket_path_from_env()?).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).ok()?;
        socket.set_write_timeout(Some(PATIENCE)).ok()?;
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        let mut server = Self {
            socket: BufReader::new(socket),
            version: MAX_VERSION,
            asked: 0,
        };
        let auth = AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: cookie.unwrap_or_default(),
        };
        let reply: AuthReply = server.ask(&Command::Auth(auth)).ok()?;
        server.version = reply.version.min(MAX_VERSION);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, c"Earmark");
        server.ask::<SetClientNameReply>(&Command::SetClientName(props)).ok()?;
        Some(server)
    }

    /// Its outputs.
    pub fn devices(&mut self) -> Vec<OutputDevice> {
        let sinks: SinkInfoList = self.ask(&Command::GetSinkInfoList).unwrap_or_default();
        sinks
            .iter()
            .map(|sink| device(&sink.name, sink.description.as_deref()))
            .collect()
    }

    /// The output our stream plays on; that which it would be, where there is no stream.
    pub fn current(&mut self) -> Option<OutputDevice> {
        let ours = self.streams().ok()?.first().map(|(_, sink)| *sink);
        let info: ServerInfo = self.ask(&Command::GetServerInfo).ok()?;
        let sinks: SinkInfoList = self.ask(&Command::GetSinkInfoList).ok()?;
        let sink = sinks.iter().find(|sink| match ours {
            Some(index) => sink.index == index,
            None => Some(&sink.name) == info.default_sink_name.as_ref(),
        })?;
        Some(device(&sink.name, sink.description.as_deref()))
    }

    /// Moves our streams to an output; without one to that which the system says, to stay with it.
    pub fn play_on(&mut self, id: Option<&str>) -> Result<(), String> {
        let sink = match id {
            Some(id) => CString::new(id.strip_prefix(PREFIX).unwrap_or(id)).map_err(|error| error.to_string())?,
            None => DEFAULT_SINK.to_owned(),
        };
        for (stream, _) in self.streams().map_err(|error| error.to_string())? {
            let to = MoveStreamParams {
                index: Some(stream),
                device_index: None,
                device_name: Some(sink.clone()),
            };
            self.tell(&Command::MoveSinkInput(to))
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Whether an id is that of an output of a server, there or not.
    pub fn knows(id: &str) -> bool {
        id.starts_with(PREFIX)
    }

    /// Our streams, and the outputs they play on.
    fn streams(&mut self) -> Result<Vec<(u32, u32)>, ProtocolError> {
        let us = std::process::id().to_string();
        let streams: SinkInputInfoList = self.ask(&Command::GetSinkInputInfoList)?;
        let is_ours = |props: &Props| {
            let process = props.get(Prop::ApplicationProcessId);
            process.is_some_and(|id| id.strip_suffix(b"\0").unwrap_or(id) == us.as_bytes())
        };
        let ours = streams.iter().filter(|stream| is_ours(&stream.props));
        Ok(ours.map(|stream| (stream.index, stream.sink_index)).collect())
    }

    fn ask<T: CommandReply>(&mut self, command: &Command) -> Result<T, ProtocolError> {
        self.send(command)?;
        let (_, reply) = protocol::read_reply_message(&mut self.socket, self.version)?;
        Ok(reply)
    }

    fn tell(&mut self, command: &Command) -> Result<(), ProtocolError> {
        self.send(command)?;
        protocol::read_ack_message(&mut self.socket).map(drop)
    }

    fn send(&mut self, command: &Command) -> Result<(), ProtocolError> {
        let number = self.asked;
        self.asked = self.asked.wrapping_add(1);
        protocol::write_command_message(self.socket.get_mut(), number, command, self.version)
    }
}

fn device(name: &CStr, description: Option<&CStr>) -> OutputDevice {
    let name = name.to_string_lossy();
    OutputDevice {
        id: format!("{PREFIX}{name}"),
        name: description.map_or(name, CStr::to_string_lossy).into_owned(),
    }
}
