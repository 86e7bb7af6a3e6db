using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Measuring;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Verbs;

/// <param name="Unshipped">Charges of answers given that Paygentic has not been told of; null where nobody is told.</param>
internal sealed record SoakSecond(double Minute, double ResidentMegabytes, long? Unshipped, long Answered);

/// <param name="ProxyCpu">Microseconds an answer.</param>
/// <param name="UpstreamCpu">Microseconds an answer, of a program that does the same for each: when it needs more, the machine has become slower, and not the proxy.</param>
/// <param name="Idle">Share of the machine's processors that nobody wanted.</param>
internal sealed record SoakWindow(
    double Minute, long Answered, double P50, double P99, double ResidentMegabytes, long? Unshipped, double ProxyCpu, double UpstreamCpu, double Idle);

/// <summary>Looks at an arm once a second while it is under load, from outside.</summary>
internal sealed class SoakWatch(RunningArm arm, ChildProcess upstream, OpenLoad load, TimeSpan window)
{
    private const double SettlingShare = 0.2;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly List<SoakSecond> _seconds = [];
    private readonly List<SoakWindow> _windows = [];
    private long _reportedBefore;
    private long _started;

    public IReadOnlyList<SoakSecond> Seconds => _seconds;

    public IReadOnlyList<SoakWindow> Windows => _windows;

    /// <summary>Waits until what came before is reported: from there on every answer is one more.</summary>
    public async Task BeginAsync(CancellationToken stop)
    {
        for (var (last, again) = (-1L, 0); arm.ReportedAsync is not null && again < 3;)
        {
            _reportedBefore = await arm.ReportedAsync(stop);
            again = _reportedBefore == last ? again + 1 : 0;
            last = _reportedBefore;
            await Task.Delay(Second, TimeProvider.System, stop);
        }

        _started = TimeProvider.System.GetTimestamp();
    }

    public async Task WatchAsync(Task running, CancellationToken stop)
    {
        var (windowStart, answeredBefore, clocks) = (TimeProvider.System.GetTimestamp(), 0L, Clocks());
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(Second, TimeProvider.System, stop));
            var second = await LookAsync(stop);
            _seconds.Add(second);
            if (TimeProvider.System.GetElapsedTime(windowStart) < window && !running.IsCompleted) continue;
            var latencies = load.TakeWindow();
            var (answered, now) = (second.Answered - answeredBefore, Clocks());
            if (latencies.Count > 0)
            {
                _windows.Add(new SoakWindow(
                    second.Minute, answered, latencies.At(50), latencies.At(99), second.ResidentMegabytes, second.Unshipped,
                    (now.Proxy - clocks.Proxy) / answered, (now.Upstream - clocks.Upstream) / answered,
                    (now.Idle - clocks.Idle) / TimeProvider.System.GetElapsedTime(windowStart).TotalMicroseconds / Environment.ProcessorCount));
            }

            (windowStart, answeredBefore, clocks) = (TimeProvider.System.GetTimestamp(), second.Answered, now);
        }
    }

    /// <summary>Goes on looking without load.</summary>
    /// <returns>What is unshipped then.</returns>
    public async Task<long?> AfterwardsAsync(TimeSpan during, CancellationToken stop)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < during;)
        {
            await Task.Delay(Second, TimeProvider.System, stop);
            _seconds.Add(await LookAsync(stop));
        }

        return _seconds[^1].Unshipped;
    }

    /// <summary>Per minute; the first fifth is left out, for a program grows into its work.</summary>
    public Slope Slope(Func<SoakWindow, double> figure) =>
        Measuring.Slope.Of([.. _windows.Skip((int)(_windows.Count * SettlingShare)).Select(w => (w.Minute, figure(w)))]);

    private (double Proxy, double Upstream, double Idle) Clocks() => (
        arm.Proxies.Sum(p => ProcessClock.Cpu(p).Total), ProcessClock.Cpu(upstream).Total, ProcessClock.MachineIdle());

    private async Task<SoakSecond> LookAsync(CancellationToken stop)
    {
        var answered = load.Answered; // before it is asked what is reported, so that nothing looks reported that is not answered
        var reported = arm.ReportedAsync is null ? (long?)null : await arm.ReportedAsync(stop) - _reportedBefore;
        var resident = arm.Proxies.Sum(ProcessClock.Resident) / 1e6;
        return new SoakSecond(TimeProvider.System.GetElapsedTime(_started).TotalMinutes, resident, reported is { } n ? Math.Max(0, answered - n) : null, answered);
    }
}
