using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Gateway.Bench.Load;

namespace Gateway.Bench.Scenarios;

/// <summary>Times of steps, by name, and the first failure.</summary>
internal sealed class StepRecorder
{
    private readonly ConcurrentDictionary<string, (Latencies Times, StrongBox<long> Bytes)> _steps = new(StringComparer.Ordinal);
    private string? _failure;

    public string? Failure => Volatile.Read(ref _failure);

    public void Record(string step, TimeSpan took, Response response)
    {
        if (response.IsError)
        {
            Interlocked.CompareExchange(ref _failure, $"{step}: {response.Message}", null);
            return;
        }

        var (times, bytes) = _steps.GetOrAdd(step, _ => (new Latencies(), new StrongBox<long>()));
        times.Record((long)took.TotalNanoseconds);
        Interlocked.Add(ref bytes.Value, response.SizeBytes);
    }

    public IEnumerable<(string Step, Latencies Times, long Bytes)> Steps() =>
        _steps.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, s.Value.Times, s.Value.Bytes.Value));
}
