// A terminal taken over for a full screen, and given back however the process leaves by exit(3).
#include "CLinux.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static int taken = 0;
static int is_registered = 0;

// Alternate screen, no cursor, no wrapping; and back (ECMA-48 and xterm's control sequences).
static const char begin[] = "\033[?1049h\033[?25l\033[?7l";
static const char end[] = "\033[?7h\033[?25h\033[?1049l";

void clinux_screen_leave(void) {
    if (!taken) return;
    taken = 0;
    // Nothing can be done about a terminal that is gone.
    if (write(STDOUT_FILENO, end, sizeof end - 1) < 0) {
    }
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

int clinux_screen_enter(void) {
    if (taken) return 0;
    if (tcgetattr(STDIN_FILENO, &before) < 0) return -1;
    if (!is_registered && atexit(clinux_screen_leave) != 0) return -1;
    is_registered = 1;
    struct termios raw = before;
    raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0) return -1;
    taken = 1;
    return write(STDOUT_FILENO, begin, sizeof begin - 1) < 0 ? -1 : 0;
}
