//! While a recording plays the machine does not fall asleep.
//!
//! A program of the system holds it awake for as long as it runs: `systemd-inhibit` on Linux, `caffeinate` on macOS.
//! Where there is none, nothing happens. It ends with us, whatever becomes of us: the one when its input closes, the
//! other when our process is gone.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// A program that cannot do its work, having no bus to talk to, has ended by then.
const FAILS_WITHIN: Duration = Duration::from_secs(2);
/// One that has not is looked after this often.
const LOOKED_AFTER: Duration = Duration::from_hours(1);

/// Keeps the machine awake, from a thread of its own that begins when it is first asked to.
#[derive(Debug, Default)]
pub(super) struct Awake {
    keeper: Option<(Sender<bool>, JoinHandle<()>)>,
}

impl Awake {
    /// Awake from now on, or as the system likes. Does not wait.
    pub(super) fn keep(&mut self, on: bool) {
        self.keep_with(on, program);
    }

    fn keep_with(&mut self, on: bool, program: fn() -> Option<Command>) {
        if self.keeper.is_none() {
            if !on {
                return;
            }
            let (sender, wishes) = channel();
            let thread = std::thread::Builder::new().name("keep awake".to_owned());
            match thread.spawn(move || run(&wishes, program)) {
                Ok(thread) => self.keeper = Some((sender, thread)),
                Err(error) => log::debug!("no thread to keep the machine awake: {error}"),
            }
        }
        if let Some((sender, _)) = &self.keeper
            && sender.send(on).is_err()
        {
            log::debug!("nothing keeps the machine awake any more");
        }
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.keeper.take() {
            drop(sender);
            if thread.join().is_err() {
                log::debug!("what keeps the machine awake ended badly");
            }
        }
    }
}

/// The program that keeps the machine awake while it runs.
fn program() -> Option<Command> {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("systemd-inhibit");
        command.args(["--what=idle:sleep", "--who=Earmark", "--why=Playing a recording"]);
        // `cat` ends when nobody can write to it any more.
        command.args(["--mode=block", "cat"]);
        Some(command)
    } else if cfg!(target_os = "macos") {
        let mut command = Command::new("caffeinate");
        command.args(["-i", "-w", &std::process::id().to_string()]);
        Some(command)
    } else {
        None
    }
}

fn run(wishes: &Receiver<bool>, program: fn() -> Option<Command>) {
    let mut keeper: Option<Child> = None;
    let mut patience = FAILS_WITHIN;
    loop {
        let wish = match &keeper {
            // One that has failed is not left lying about until the next pause.
            Some(_) => wishes.recv_timeout(patience),
            None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match wish {
            Ok(true) if keeper.is_none() => (keeper, patience) = (start(program), FAILS_WITHIN),
            Ok(true) => {}
            Ok(false) => keeper.take().into_iter().for_each(end),
            Err(RecvTimeoutError::Timeout) => {
                patience = LOOKED_AFTER;
                if let Some(Ok(Some(status))) = keeper.as_mut().map(Child::try_wait) {
                    log::debug!("the machine is not kept awake: {status}");
                    keeper = None;
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    keeper.into_iter().for_each(end);
}

fn start(program: fn() -> Option<Command>) -> Option<Child> {
    let mut command = program()?;
    // The pipe is never written to; it closes when we end, however that comes about.
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
        .spawn()
        .inspect_err(|error| log::debug!("the machine is not kept awake: {error}"))
        .ok()
}

/// Ends it and waits for it, so that nothing of it is left.
fn end(mut keeper: Child) {
    drop(keeper.stdin.take());
    if let Err(error) = keeper.kill().and_then(|()| keeper.wait().map(drop)) {
        log::debug!("what kept the machine awake does not end: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is started once, ended when nothing plays, and a missing or failing one does no harm.
    #[test]
    fn a_keeper_comes_and_goes() {
        let programs: [fn() -> Option<Command>; 4] = [
            || Some(Command::new("cat")),
            || Some(Command::new("false")),
            || Some(Command::new("there is no such program")),
            || None,
        ];
        for program in programs {
            let mut awake = Awake::default();
            awake.keep_with(false, program);
            assert!(awake.keeper.is_none(), "no thread for nothing");
            for on in [true, true, false, false, true] {
                awake.keep_with(on, program);
            }
            // Waits for the thread, and that for what it started.
            drop(awake);
        }
    }

    /// Neither running on nor left as a dead entry, which is what one not waited for is.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_started_is_ended_and_waited_for() {
        let keeper = start(|| Some(Command::new("cat"))).unwrap();
        let process = std::path::PathBuf::from(format!("/proc/{}", keeper.id()));
        assert!(process.exists());
        end(keeper);
        assert!(!process.exists());
    }
}
