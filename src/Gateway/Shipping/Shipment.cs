using Gateway.Billing;
using Polly;
using Polly.Retry;

namespace Gateway.Shipping;

/// <summary>Sends a batch until every event in it is accepted or in quarantine.</summary>
internal sealed partial class Shipment
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly IBillingProvider _provider;
    private readonly Quarantine _quarantine;
    private readonly ILogger<Shipment> _logger;
    private readonly ResiliencePipeline<Round> _untilDecided;
    private long _accepted;
    private string? _trouble;

    public Shipment(IBillingProvider provider, Quarantine quarantine, TimeProvider clock, ILogger<Shipment> logger)
    {
        (_provider, _quarantine, _logger) = (provider, quarantine, logger);
        _untilDecided = new ResiliencePipelineBuilder<Round> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<Round>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { Undecided: > 0 }),
                MaxRetryAttempts = int.MaxValue,
                Delay = FirstWait,
                MaxDelay = LongestWait,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
                OnRetry = arguments =>
                {
                    if (arguments.Outcome.Result is { } round) Log.TriedAgain(_logger, round.Undecided, arguments.RetryDelay, round.Reason);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Events the provider accepted since start.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Why the last attempt did not decide all, or null: what health says.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    public async Task SendAsync(List<UsageEvent> events, CancellationToken cancellationToken)
    {
        var undecided = events;
        await _untilDecided.ExecuteAsync(
            async token =>
            {
                var round = new Round();
                undecided = await SendOnceAsync(undecided, round, token);
                round.Undecided = undecided.Count;
                Volatile.Write(ref _trouble, undecided.Count == 0 ? null : round.Reason);
                return round;
            },
            cancellationToken);
    }

    /// <summary>One call for all; where its answer leaves open which event was at fault, the batch is split until each is known.</summary>
    private async Task<List<UsageEvent>> SendOnceAsync(List<UsageEvent> events, Round round, CancellationToken cancellationToken)
    {
        if (events.Count == 0) return events;
        if (events.Count > _provider.MaxBatch)
        {
            var rest = new List<UsageEvent>();
            foreach (var part in events.Chunk(_provider.MaxBatch)) rest.AddRange(await SendOnceAsync([.. part], round, cancellationToken));
            return rest;
        }

        var results = await _provider.RecordAsync(events, cancellationToken);
        var undecided = new List<UsageEvent>();
        var refused = new List<UsageEvent>();
        for (var i = 0; i < events.Count; i++)
        {
            switch (results[i].Outcome)
            {
                case EventOutcome.Accepted:
                    Interlocked.Increment(ref _accepted);
                    break;
                case EventOutcome.Refused when events.Count == 1:
                    _quarantine.Add(events[i], results[i]);
                    break;
                case EventOutcome.Refused:
                    refused.Add(events[i]);
                    break;
                case EventOutcome.Retry when results[i].StatusCode == StatusCodes.Status207MultiStatus && events.Count > 1:
                    refused.Add(events[i]); // one by one: only then does the provider say with a status what it holds against the event
                    break;
                default:
                    undecided.Add(events[i]);
                    round.Note(results[i]);
                    break;
            }
        }

        foreach (var part in Split(refused, all: refused.Count == events.Count))
            undecided.AddRange(await SendOnceAsync(part, round, cancellationToken));
        return undecided;
    }

    /// <summary>All refused says that one of them is bad: halves. Some refused: those, one by one.</summary>
    private static IEnumerable<List<UsageEvent>> Split(List<UsageEvent> refused, bool all) =>
        refused.Chunk(all ? Math.Max(1, (refused.Count + 1) / 2) : 1).Select(part => part.ToList());

    private sealed class Round
    {
        public int Undecided { get; set; }

        public string Reason { get; private set; } = "";

        public TimeSpan? RetryAfter { get; private set; }

        public void Note(EventResult result)
        {
            Reason = result.Reason;
            if (result.RetryAfter > (RetryAfter ?? TimeSpan.Zero)) RetryAfter = result.RetryAfter < LongestWait ? result.RetryAfter : LongestWait;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(710, LogLevel.Warning, "{Count} usage events are not accepted yet; next attempt in {Wait}. {Reason}")]
        public static partial void TriedAgain(ILogger logger, int count, TimeSpan wait, string reason);
    }
}
