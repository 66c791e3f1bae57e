// A worker that ticks once a second. Browsers slow the timers of a page that nobody looks at down to one a minute, but not these: a
// warning in another tab comes in time.

setInterval(() => postMessage(null), 1000)
