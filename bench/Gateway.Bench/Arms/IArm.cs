using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>One way to put something, or nothing, between a client and an API.</summary>
internal interface IArm
{
    string Name { get; }

    /// <summary>What it is, for the report.</summary>
    string Description { get; }

    /// <summary>What has to be installed and is not; empty when it can be started.</summary>
    IReadOnlyList<string> Missing { get; }

    /// <summary>Throws <see cref="ArmRefusedException"/> when a program does not take its configuration.</summary>
    Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop);
}

/// <param name="Upstream">The API behind, the same one for every arm.</param>
/// <param name="Folder">Where arms may write.</param>
/// <param name="Paths">What is asked for; an arm that makes routes of its own does not look at it.</param>
internal sealed record ArmWorld(Uri Upstream, TempFolder Folder, IReadOnlyList<string> Paths)
{
    /// <summary>Whether clients speak HTTP/2 without TLS.</summary>
    public bool IsHttp2 { get; init; }
}

/// <summary>This arm can not be measured, and why; the others can.</summary>
internal sealed class ArmRefusedException(string message) : Exception(message);
