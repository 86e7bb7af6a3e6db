namespace Gateway.Demo.Runner;

/// <summary>A program to run, its limits checked.</summary>
internal sealed record Submission(
    string SourceCode, Language Language, string Stdin, string? ExpectedOutput, TimeSpan CpuLimit, TimeSpan WallLimit, long MemoryBytes);

/// <summary>Judge0's verdicts, by its numbers.</summary>
internal enum Verdict
{
    InQueue = 1,
    Processing = 2,
    Accepted = 3,
    WrongAnswer = 4,
    TimeLimitExceeded = 5,
    CompilationError = 6,
    RuntimeError = 11,
    InternalError = 13,
}

/// <summary>What a run came to.</summary>
/// <param name="Elapsed">Null when nothing ran: a program that does not compile costs no time.</param>
internal sealed record RunResult(
    Verdict Verdict, string? Stdout = null, string? Stderr = null, string? CompileOutput = null, string? Message = null,
    TimeSpan? Elapsed = null, long? MemoryKilobytes = null);

/// <summary>A submission under its token, from queue to verdict.</summary>
internal sealed class Job(string token, Submission submission)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RunResult _result = new(Verdict.InQueue);

    public string Token { get; } = token;

    public Submission Submission { get; } = submission;

    public RunResult Result => _result;

    public Task Done => _done.Task;

    public void Start() => _result = new RunResult(Verdict.Processing);

    public void Complete(RunResult result)
    {
        _result = result;
        _done.SetResult();
    }
}
