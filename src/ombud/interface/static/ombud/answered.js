// A page that answered a form at once (a refusal, a number told once) is kept in the history as its address alone:
// else Back and reload would meet the browser's "send the form again?", or send it again.
// Before there is anything to press: done later, it would call off the navigation of an early press.
history.replaceState(history.state, "", location.href);
