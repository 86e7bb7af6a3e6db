namespace Gateway.Bench.Load;

/// <summary>A closed loop: each connection sends its next request when it has its answer. Throws <see cref="LoadFailedException"/> at the first bad answer.</summary>
internal interface IClosedLoad
{
    string Name { get; }

    Task<LoadResult> RunAsync(Target target, int connections, TimeSpan duration, CancellationToken stop);
}
