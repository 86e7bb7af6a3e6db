using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>Processes of an arm that is being started: if it does not get there, none stays behind.</summary>
internal sealed class StartedSoFar : IAsyncDisposable
{
    private readonly List<ChildProcess> _processes = [];

    public ChildProcess Start(Role role, Launch launch)
    {
        var process = ChildProcess.Start(role, launch);
        _processes.Add(process);
        return process;
    }

    /// <summary>All is well: they are the arm's now.</summary>
    public IReadOnlyList<ChildProcess> HandOver()
    {
        ChildProcess[] all = [.. _processes];
        _processes.Clear();
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
    }
}
