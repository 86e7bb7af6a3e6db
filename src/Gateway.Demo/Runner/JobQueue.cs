using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace Gateway.Demo.Runner;

/// <summary>Submissions waiting for a worker, and the newest results by token.</summary>
internal sealed class JobQueue : IAsyncDisposable
{
    private const int KeptResults = 10_000;

    private readonly Channel<Job> _waiting;
    private readonly ConcurrentDictionary<string, Job> _jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _age = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _workers;
    private long _received;
    private long _executed;

    public JobQueue(int capacity, int workers)
    {
        _waiting = Channel.CreateBounded<Job>(new BoundedChannelOptions(Math.Max(1, capacity)) { FullMode = BoundedChannelFullMode.Wait });
        _workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>Submissions that reached the runner, whatever became of them.</summary>
    public long Received => Interlocked.Read(ref _received);

    public long Executed => Interlocked.Read(ref _executed);

    public void CountReceived(int submissions) => Interlocked.Add(ref _received, submissions);

    /// <summary>Null when the queue is full.</summary>
    public Job? TryAdd(Submission submission)
    {
        var job = new Job(new Guid(RandomNumberGenerator.GetBytes(16)).ToString(), submission);
        if (!_waiting.Writer.TryWrite(job)) return null;
        _jobs[job.Token] = job;
        _age.Enqueue(job.Token);
        if (_age.Count > KeptResults && _age.TryDequeue(out var oldest)) _jobs.TryRemove(oldest, out _);
        return job;
    }

    public Job? Find(string token) => _jobs.GetValueOrDefault(token);

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        await foreach (var job in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            job.Start();
            var result = await RunAsync(job.Submission);
            if (job.Submission.ExpectedOutput is { } expected && result.Verdict == Verdict.Accepted && expected.TrimEnd() != (result.Stdout ?? "").TrimEnd())
                result = result with { Verdict = Verdict.WrongAnswer };
            Interlocked.Increment(ref _executed);
            job.Complete(result);
        }
    }

    private async Task<RunResult> RunAsync(Submission submission)
    {
        try
        {
            return await submission.Language.Runtime.RunAsync(submission, _stop.Token);
        }
        catch (Exception e)
        {
            // A runtime is not to throw; were it to, a worker would be gone for good and its submission would wait for ever.
            return new RunResult(Verdict.InternalError, Message: e.Message);
        }
    }
}
