using System.Globalization;
using System.Text;
using Gateway.Bench.Measuring;

namespace Gateway.Bench.Report;

/// <summary>The raw data: a line for each run.</summary>
internal static class Csv
{
    private static readonly (string Name, Func<Sample, object> Value)[] Columns =
    [
        ("arm", s => s.Arm),
        ("point", s => s.Point),
        ("round", s => s.Round),
        ("requests", s => s.Load.Requests),
        ("seconds", s => s.Load.Took.TotalSeconds),
        ("requests_per_second", s => s.PerSecond),
        ("p50_us", s => s.Load.At(50)),
        ("p90_us", s => s.Load.At(90)),
        ("p99_us", s => s.Load.At(99)),
        ("p99_9_us", s => s.Load.At(99.9)),
        ("max_us", s => s.Load.At(100)),
        ("generator_late_p99_us", s => s.Load.GeneratorLateness ?? double.NaN),
        ("cpu_user_us", s => s.ProxyCpu.User),
        ("cpu_system_us", s => s.ProxyCpu.System),
        ("redis_cpu_us", s => s.RedisCpu),
        ("billing_cpu_us", s => s.BillingCpu),
        ("resident_mb", s => s.ResidentMegabytes),
        ("allocated_bytes", s => s.AllocatedBytes),
        ("collections_per_1000", s => s.Collections),
        ("pause_us", s => s.PauseMicroseconds),
        ("compiler_us", s => s.CompilerMicroseconds),
        ("paygentic_calls_per_1000", s => s.PaygenticCalls),
        ("redis_calls_per_1000", s => s.RedisCalls),
        ("journal_bytes", s => s.JournalBytes),
        ("memory_step_ns", s => s.MemoryStep),
        ("unsettled", s => s.IsUnsettled ? 1 : 0),
    ];

    public static string Write(IEnumerable<Sample> samples)
    {
        var text = new StringBuilder().AppendJoin(',', Columns.Select(c => c.Name)).Append('\n');
        foreach (var sample in samples) text.AppendJoin(',', Columns.Select(c => Text(c.Value(sample)))).Append('\n');
        return text.ToString();
    }

    private static string Text(object value) => value switch
    {
        double number => double.IsFinite(number) ? number.ToString("0.###", CultureInfo.InvariantCulture) : "",
        string text => text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
