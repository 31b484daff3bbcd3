//! A progress line on the terminal while a run works.

use crate::shell::Shell;
use indicatif::{ProgressBar, ProgressStyle};
use runi_engine::run::Progress;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Short runs show no bar: it would only flicker.
const PATIENCE: Duration = Duration::from_millis(400);

/// Draws until it is dropped.
pub(crate) struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Watches `progress`, when someone looks.
    pub(crate) fn watch(shell: &Shell, name: &str, progress: &Arc<Progress>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !shell.shows_progress() {
            return Self { stop, thread: None };
        }
        let (progress, ends, name) = (Arc::clone(progress), Arc::clone(&stop), name.to_owned());
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || draw(&name, &progress, &ends)).ok();
        Self { stop, thread }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn draw(name: &str, progress: &Progress, stop: &AtomicBool) {
    let start = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !stop.load(Relaxed) {
        std::thread::sleep(Duration::from_millis(20));
        if start.elapsed() < PATIENCE {
            continue;
        }
        let (done, total) = progress.bytes();
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(total);
            if let Ok(style) = ProgressStyle::with_template("{prefix:>12.cyan.bold} [{bar:30}] {percent:>3}% {msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_prefix(name.to_owned());
            bar
        });
        let records = progress.records();
        let rate = records as f64 / start.elapsed().as_secs_f64();
        bar.set_length(total.max(1));
        bar.set_position(done.min(total));
        bar.set_message(format!("{} rows, {} rows/s", crate::table::count(records), crate::table::count(rate as u64)));
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}
