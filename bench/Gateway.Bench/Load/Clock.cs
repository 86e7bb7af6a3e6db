using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Bench.Load;

/// <summary>Waits to within a few microseconds without burning a processor.</summary>
internal static partial class Clock
{
    private const int Monotonic = 1; // CLOCK_MONOTONIC, which Stopwatch reads too
    private const int Absolute = 1; // TIMER_ABSTIME
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK
    private const long Second = 1_000_000_000;

    public static long Nanoseconds(long ticks) => (long)((Int128)ticks * Second / Stopwatch.Frequency);

    /// <summary>For the calling thread: the kernel may wake it this late, 50 µs unless told otherwise.</summary>
    public static void BePrecise()
    {
        if (OperatingSystem.IsLinux()) _ = Control(SetTimerSlack, 1, 0, 0, 0);
    }

    /// <summary>Returns when <see cref="Stopwatch"/> reads <paramref name="due"/>.</summary>
    public static void WaitUntil(long due)
    {
        while (Stopwatch.GetTimestamp() < due)
        {
            if (!OperatingSystem.IsLinux())
            {
                Thread.Yield();
                continue;
            }

            var until = new TimeSpec { Seconds = due / Second, Nanoseconds = due % Second };
            _ = Sleep(Monotonic, Absolute, in until, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, in TimeSpec until, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint value, nint third, nint fourth, nint fifth);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
