using Gateway.Bench.Arms;
using Gateway.Bench.Load;

namespace Gateway.Bench.Measuring;

/// <summary>Measures one run of one arm, from before the first request until the arm is quiet again.</summary>
/// <param name="patience">How long work that goes on behind the answers, such as shipping, is waited for.</param>
internal sealed class RunMeter(TimeSpan patience)
{
    private const double QuietShare = 0.1; // of one processor
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public async Task<Sample> MeasureAsync(RunningArm arm, string point, int round, Func<Target, Task<LoadResult>> load, CancellationToken stop)
    {
        var before = await Snapshot.TakeAsync(arm, stop);
        var result = await load(arm.Target);
        var resident = arm.Proxies.Sum(ProcessClock.Resident);
        var isQuiet = await SettleAsync(arm, stop);
        var after = await Snapshot.TakeAsync(arm, stop);
        return Of(new Sample(arm.Name, point, round, result) { ResidentMegabytes = resident / 1e6, IsUnsettled = !isQuiet }, before, after);
    }

    /// <summary>So that one arm's work does not run into another's measurement.</summary>
    /// <returns>Whether it is quiet.</returns>
    public async Task<bool> SettleAsync(RunningArm arm, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (seen, since) = (Cpu(arm), started);
        while (TimeProvider.System.GetElapsedTime(started) < patience)
        {
            await Task.Delay(Look, TimeProvider.System, stop);
            var (now, at) = (Cpu(arm), TimeProvider.System.GetTimestamp());
            if (now - seen < TimeProvider.System.GetElapsedTime(since, at).TotalMicroseconds * QuietShare) return true;
            (seen, since) = (now, at);
        }

        return false;
    }

    private static double Cpu(RunningArm arm) => arm.Processes.Sum(p => ProcessClock.Cpu(p).Total);

    private static Sample Of(Sample sample, Snapshot before, Snapshot after)
    {
        var requests = (double)Math.Max(1, sample.Load.Requests);
        var proxy = after.Proxy - before.Proxy;
        var runtime = after.Runtime - before.Runtime;
        return sample with
        {
            ProxyCpu = new CpuTime(proxy.User / requests, proxy.System / requests),
            RedisCpu = (after.Redis - before.Redis).Total / requests,
            BillingCpu = (after.Billing - before.Billing).Total / requests,
            AllocatedBytes = runtime?.AllocatedBytes / requests ?? double.NaN,
            Collections = runtime?.Collections * 1000 / requests ?? double.NaN,
            PauseMicroseconds = runtime?.PauseMicroseconds / requests ?? double.NaN,
            CompilerMicroseconds = runtime?.CompilerMicroseconds / requests ?? double.NaN,
            PaygenticCalls = (after.Counts.PaygenticCalls - before.Counts.PaygenticCalls) * 1000 / requests ?? double.NaN,
            RedisCalls = (after.Counts.RedisCalls - before.Counts.RedisCalls) * 1000 / requests ?? double.NaN,
            JournalBytes = (after.Counts.JournalBytes - before.Counts.JournalBytes) / requests ?? double.NaN,
        };
    }
}
