namespace Gateway.Torture.Streams;

/// <summary>What a run of streams is to be.</summary>
/// <param name="Streams">At once.</param>
/// <param name="Http2">Clients speak HTTP/2, 100 streams a connection; otherwise HTTP/1.1.</param>
/// <param name="Rounds">Each with processes of its own.</param>
/// <param name="HoldSeconds">A slice; those whose funds end have two.</param>
/// <param name="EventMilliseconds">From one event of a stream to its next.</param>
internal sealed record StreamPlan(int Streams, bool Http2, int Rounds, int HoldSeconds, int EventMilliseconds)
{
    private const int OtherDescriptors = 600;

    /// <summary>A proxy needs two sockets per stream where both sides speak HTTP/1.1; where it may not have so many, the upstream is spoken to in HTTP/2.</summary>
    public string UpstreamVersion { get; } = !Http2 && (2 * Streams) + OtherDescriptors > Descriptors() ? "2.0" : "1.1";

    public int CustomersPerFate { get; } = Math.Clamp(Streams / 300, 1, 10);

    /// <summary>Those to be cut are opened last, so that all are open at once for longest.</summary>
    public IEnumerable<OpenStream> Create()
    {
        foreach (var fate in Enum.GetValues<Fate>())
        {
            for (var i = 0; i < StreamsOf(fate); i++) yield return new OpenStream(fate, StreamWorld.CustomerOf(fate, i % CustomersPerFate));
        }
    }

    public int StreamsOf(Fate fate, int customer) => (StreamsOf(fate) - customer + CustomersPerFate - 1) / CustomersPerFate;

    private int StreamsOf(Fate fate) => (Streams + (int)fate) / 3;

    /// <summary>How many files and sockets a process may have open.</summary>
    private static long Descriptors()
    {
        var line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]; // .NET raises its own limit to the hard one
        return long.TryParse(hard, out var limit) ? limit : long.MaxValue;
    }
}
