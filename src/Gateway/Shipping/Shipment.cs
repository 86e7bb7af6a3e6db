using System.Collections.Concurrent;
using Gateway.Billing;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Gateway.Shipping;

/// <summary>
/// Sends events until each of them is accepted, in quarantine or put off. One bad event holds up nobody: a batch that is refused, or fails while
/// others succeed, is cut in halves until it is found. Thread-safe; every lane uses the same one.
/// </summary>
internal sealed partial class Shipment
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    // Short, so that a provider that is back is noticed soon; four lanes ask a dead one less than once a second.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // A Retry-After beyond this is a mistake of whoever sent it.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private readonly IBillingProvider _provider;
    private readonly IQuarantine _quarantine;
    private readonly ILogger<Shipment> _logger;
    private readonly ResiliencePipeline<Round> _untilDecided;
    private readonly ResiliencePipeline<IReadOnlyList<EventResult>> _call;
    private readonly ShippingMetrics _metrics;

    // Refused for good and not in quarantine, by key, with what stands in the way.
    private readonly ConcurrentDictionary<string, string> _unkept = new(StringComparer.Ordinal);
    private long _answeredCalls;
    private string? _trouble;

    public Shipment(IBillingProvider provider, IQuarantine quarantine, ShippingMetrics metrics, TimeProvider clock, ILogger<Shipment> logger)
    {
        (_provider, _quarantine, _metrics, _logger) = (provider, quarantine, metrics, logger);
        _untilDecided = new ResiliencePipelineBuilder<Round> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<Round>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is { IsOver: false }),
                MaxRetryAttempts = int.MaxValue,
                Delay = FirstWait,
                MaxDelay = LongestWait,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.Wait),
                OnRetry = arguments =>
                {
                    if (arguments.Outcome.Result is { } round && arguments.RetryDelay > TimeSpan.Zero)
                        Log.TriedAgain(_logger, round.Undecided, arguments.RetryDelay, round.Reason);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
        _call = new ResiliencePipelineBuilder<IReadOnlyList<EventResult>> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<IReadOnlyList<EventResult>>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is [{ IsFailedCall: true }, ..]),
                FailureRatio = 0.9,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(2),
                OnOpened = arguments =>
                {
                    Log.Opened(_logger, arguments.BreakDuration);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    Log.Closed(_logger);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Why something waits for the quarantine, else why the last attempt did not decide all, or null: what health says.</summary>
    public string? Trouble => _unkept.IsEmpty ? Volatile.Read(ref _trouble) : _unkept.Values.FirstOrDefault() ?? Volatile.Read(ref _trouble);

    /// <returns>Events that the provider did not decide while it did decide others, or the quarantine did not take: to be put off. Empty unless <paramref name="mayDefer"/>.</returns>
    public async Task<IReadOnlyList<UsageEvent>> SendAsync(Batch batch, Func<bool> mayDefer, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<UsageEvent>> parts = [.. batch.Events.Chunk(_provider.MaxBatch)];
        IReadOnlyList<UsageEvent> deferred = [];
        var rounds = 0;
        await _untilDecided.ExecuteAsync(
            async token =>
            {
                var answeredBefore = Interlocked.Read(ref _answeredCalls);
                var round = new Round();
                foreach (var part in parts) await SendOnceAsync(part, round, token);
                var othersPass = Interlocked.Read(ref _answeredCalls) != answeredBefore;
                if (batch.IsDeferred || (othersPass && round.AreAllAlone && mayDefer()))
                {
                    deferred = [.. round.Parts.SelectMany(p => p)];
                    round.Parts.Clear();
                }

                parts = round.Next(othersPass, ++rounds);
                Volatile.Write(ref _trouble, round.IsOver && deferred.Count == 0 ? null : round.Reason);
                return round;
            },
            cancellationToken);
        return deferred;
    }

    /// <summary>One call for all of a part; where its answer leaves open which event was at fault, the part is split until each is known.</summary>
    private async Task SendOnceAsync(IReadOnlyList<UsageEvent> events, Round round, CancellationToken cancellationToken)
    {
        var results = await CallAsync(events, cancellationToken);
        List<UsageEvent> refused = [], undecided = [];
        var accepted = 0;
        for (var i = 0; i < events.Count; i++)
        {
            switch (results[i].Outcome)
            {
                case EventOutcome.Accepted:
                    accepted++;
                    _unkept.TryRemove(events[i].IdempotencyKey, out _);
                    break;
                case EventOutcome.Refused when events.Count == 1:
                    if (await KeepAsync(events[i], results[i]) is not { } obstacle) break;
                    undecided.Add(events[i]);
                    round.Note(results[i] with { Reason = obstacle });
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

        if (accepted > 0) _metrics.Accepted(accepted);
        if (undecided.Count > 0) round.Parts.Add(undecided);
        foreach (var part in Split(refused, all: refused.Count == events.Count)) await SendOnceAsync(part, round, cancellationToken);
    }

    /// <summary>Puts it into quarantine. What stands in the way is returned, or null: until it is kept it counts as undecided, and holds up nobody.</summary>
    private async Task<string?> KeepAsync(UsageEvent usage, EventResult answer)
    {
        try
        {
            await _quarantine.AddAsync(usage, answer);
        }
        catch (Exception e)
        {
            var obstacle = $"What the provider refused for good can not be kept in {_quarantine.Place}: {e.Message}";
            _unkept[usage.IdempotencyKey] = obstacle;
            Log.NotQuarantined(_logger, usage.IdempotencyKey, answer.StatusCode, answer.Reason, obstacle);
            return obstacle;
        }

        _unkept.TryRemove(usage.IdempotencyKey, out _);
        _metrics.Quarantined();
        Log.Quarantined(_logger, usage.IdempotencyKey, answer.StatusCode, answer.Reason, _quarantine.Place);
        return null;
    }

    private async Task<IReadOnlyList<EventResult>> CallAsync(IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            var results = await _call.ExecuteAsync(
                static async (state, token) => await state.Provider.RecordAsync(state.Events, token), (Provider: _provider, Events: events), cancellationToken);
            if (results[0].Outcome != EventOutcome.Retry || results[0].StatusCode == StatusCodes.Status207MultiStatus) Interlocked.Increment(ref _answeredCalls);
            return results;
        }
        catch (BrokenCircuitException e)
        {
            return [.. Enumerable.Repeat(new EventResult(EventOutcome.Retry, EventResult.NotSent, "the provider has failed too often; it is left alone for a moment", e.RetryAfter), events.Count)];
        }
    }

    /// <summary>All refused says that one of them is bad: halves. Some refused: those, one by one.</summary>
    private static IEnumerable<IReadOnlyList<UsageEvent>> Split(List<UsageEvent> refused, bool all) =>
        refused.Chunk(all ? Math.Max(1, (refused.Count + 1) / 2) : 1);

    /// <summary>One pass over what is undecided, and what it leaves for the next.</summary>
    private sealed class Round
    {
        private const int MostProbes = 16;
        private bool _mayBeContent = true;
        private TimeSpan? _retryAfter;
        private bool _atOnce;

        /// <summary>What is undecided, as it was sent.</summary>
        public List<IReadOnlyList<UsageEvent>> Parts { get; } = [];

        public bool IsOver => Parts.Count == 0;

        public int Undecided => Parts.Sum(p => p.Count);

        /// <summary>Whether each of them was sent by itself and it may be its own content that fails.</summary>
        public bool AreAllAlone => Parts.Count > 0 && _mayBeContent && Parts.TrueForAll(p => p.Count == 1);

        public string Reason { get; private set; } = "";

        /// <summary>None while cutting leads on; else as long as the provider asks; null: the usual backoff.</summary>
        public TimeSpan? Wait => _atOnce ? TimeSpan.Zero : _retryAfter;

        public void Note(in EventResult result)
        {
            Reason = result.Reason;

            // These say nothing about what was sent.
            if (result.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status401Unauthorized or EventResult.NotSent) _mayBeContent = false;
            if (result.RetryAfter > (_retryAfter ?? TimeSpan.Zero)) _retryAfter = result.RetryAfter < LongestRetryAfter ? result.RetryAfter : LongestRetryAfter;
        }

        /// <summary>
        /// While others pass, it may be something in a part that fails it: halves, at once. While nothing passes, the second failure has halves
        /// tried too, for there may be no others; so a provider that is down is asked a few times more than it need be.
        /// </summary>
        public List<IReadOnlyList<UsageEvent>> Next(bool othersPass, int rounds)
        {
            var probe = rounds > 1 && Parts.Count < MostProbes;
            if (!_mayBeContent || !(othersPass || probe) || !Parts.Exists(p => p.Count > 1)) return [.. Parts];
            _atOnce = othersPass;
            return [.. Parts.SelectMany(p => p.Chunk(Math.Max(1, (p.Count + 1) / 2)))];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(710, LogLevel.Warning, "{Count} usage events are not accepted yet; next attempt in {Wait}. {Reason}")]
        public static partial void TriedAgain(ILogger logger, int count, TimeSpan wait, string reason);

        [LoggerMessage(711, LogLevel.Warning, "The billing provider fails again and again; it is left alone for {Wait}. Usage is kept and sent later.")]
        public static partial void Opened(ILogger logger, TimeSpan wait);

        [LoggerMessage(712, LogLevel.Information, "The billing provider answers again.")]
        public static partial void Closed(ILogger logger);

        [LoggerMessage(713, LogLevel.Error,
            "The provider refused the usage event {Key} with {StatusCode}: {Reason} It is kept in {Place}; 'journal replay' sends it again.")]
        public static partial void Quarantined(ILogger logger, string key, int statusCode, string reason, string place);

        [LoggerMessage(714, LogLevel.Error, "The provider refused the usage event {Key} with {StatusCode}: {Reason} It is sent again until it can be kept. {Obstacle}")]
        public static partial void NotQuarantined(ILogger logger, string key, int statusCode, string reason, string obstacle);
    }
}
