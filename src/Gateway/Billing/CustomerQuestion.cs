using BitFaster.Caching.Lru;
using Gateway.Model;

namespace Gateway.Billing;

/// <summary>
/// Something that customers ask the billing platform through the gateway: once at a time for each of them, whose answer is good for two seconds more, a
/// failure too. So whoever asks all the time is no load, least of all when the platform is away.
/// </summary>
internal sealed class CustomerQuestion<T>(Func<CustomerId, Task<T>> ask, TimeProvider clock)
{
    private const int Most = 10_000;
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(2);

    private readonly ConcurrentLru<CustomerId, Latest> _latest = new(concurrencyLevel: 1, Most, EqualityComparer<CustomerId>.Default);

    /// <param name="customer">Whose.</param>
    /// <param name="cancellationToken">Ends the waiting; the question goes on for the others.</param>
    public Task<T> AskAsync(CustomerId customer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var latest = _latest.GetOrAdd(customer, customer => new Latest(() => ask(customer), clock));
            if (!latest.IsOver) return latest.Answer.WaitAsync(cancellationToken);
            _latest.TryRemove(KeyValuePair.Create(customer, latest));
        }
    }

    private sealed class Latest
    {
        private readonly Lazy<Task<T>> _answer; // one that is not the first of its customer is never asked
        private readonly TimeProvider _clock;
        private long _answeredAt;

        public Latest(Func<Task<T>> ask, TimeProvider clock) => (_clock, _answer) = (clock, new(() => AskAsync(ask)));

        public Task<T> Answer => _answer.Value;

        public bool IsOver => Answer.IsCompleted && _clock.GetElapsedTime(_answeredAt) >= FreshFor;

        private async Task<T> AskAsync(Func<Task<T>> ask)
        {
            try
            {
                return await ask();
            }
            finally
            {
                _answeredAt = _clock.GetTimestamp();
            }
        }
    }
}
