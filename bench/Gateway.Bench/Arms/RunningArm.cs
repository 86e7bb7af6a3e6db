using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>What an arm has done since its start, as far as it can tell; null: it has nothing of the kind.</summary>
/// <param name="PaygenticCalls">Requests at the sandbox.</param>
/// <param name="RedisCalls">Commands or scripts in Redis.</param>
/// <param name="JournalBytes">Written to the journal.</param>
internal sealed record Counts(double? PaygenticCalls = null, double? RedisCalls = null, double? JournalBytes = null);

/// <summary>An arm's processes, and what to ask of them.</summary>
internal sealed class RunningArm(string name, Target target) : IAsyncDisposable
{
    private readonly List<ChildProcess> _processes = [];
    private readonly Stack<IAsyncDisposable> _owned = new();

    public string Name { get; } = name;

    public Target Target { get; } = target;

    public IReadOnlyList<ChildProcess> Processes => _processes;

    /// <summary>Those that are measured: what the arm is, without what it needs around it.</summary>
    public IEnumerable<ChildProcess> Proxies => _processes.Where(p => p.Role == Role.Proxy);

    public Func<CancellationToken, Task<Counts>> CountAsync { get; init; } = _ => Task.FromResult(new Counts());

    /// <summary>Units of the metric of requests that Paygentic has been told of since the start; null for arms that tell nobody.</summary>
    public Func<CancellationToken, Task<long>>? ReportedAsync { get; init; }

    public RunningArm Owns(params IEnumerable<ChildProcess> processes)
    {
        foreach (var process in processes)
        {
            _processes.Add(process);
            _owned.Push(process);
        }

        return this;
    }

    public async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out var owned)) await owned.DisposeAsync(); // the last one started first
    }
}
