namespace Gateway.Demo.Runner;

/// <summary>How the code runner is set up.</summary>
public sealed class RunnerOptions
{
    /// <summary>Where it listens. Default <c>http://127.0.0.1:2358</c>, Judge0's port.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:2358";

    /// <summary>Submissions that may wait for a worker; more are answered 503. Default 100, as Judge0's.</summary>
    public int MaxQueue { get; set; } = 100;

    /// <summary>Programs that run at the same time. Default: one per core, at least 2.</summary>
    public int Workers { get; set; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>What <c>X-Auth-Token</c> must be; null (the default) asks for none.</summary>
    public string? AuthToken { get; set; }

    /// <summary>Whether Python is offered where a <c>python3</c> is installed. Default true.</summary>
    public bool EnablePython { get; set; } = true;
}
