using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests;

public sealed class PeriodicServiceTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);
    private readonly FakeTimeProvider _clock = new();
    private readonly LinesLogger _log = new();

    [Fact]
    public async Task A_pass_that_fails_unforeseen_ends_neither_the_service_nor_what_comes_after_it()
    {
        using var service = new Service(_clock, _log, atOnce: true, failures: 2);
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (var pass = 1; pass <= 5; pass++) await service.ReachAsync(pass);

        Assert.False(service.ExecuteTask!.IsCompleted);
        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(service.ExecuteTask.IsCompletedSuccessfully);
        Assert.Equal(["Service failed in a way that nobody foresaw."], _log.Lines.Select(l => l[..(l.IndexOf('.', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    public async Task What_fails_again_later_is_logged_again()
    {
        using var service = new Service(_clock, _log, atOnce: false, failures: 1, again: 3);
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (var pass = 1; pass <= 4; pass++) await service.ReachAsync(pass);
        await service.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, _log.Lines.Count);
    }

    private sealed class Service(FakeTimeProvider clock, ILogger logger, bool atOnce, int failures, int again = 0)
        : PeriodicService(Period, clock, logger, atOnce)
    {
        private readonly SemaphoreSlim _passed = new(0);
        private int _passes;

        /// <summary>Lets time pass until the pass is done; the timer may not be there yet when it is asked for the first time.</summary>
        public async Task ReachAsync(int pass)
        {
            while (Volatile.Read(ref _passes) < pass)
            {
                if (await _passed.WaitAsync(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken)) continue;
                ((FakeTimeProvider)Clock).Advance(Period);
            }
        }

        protected override Task PassAsync(CancellationToken stoppingToken)
        {
            var pass = Interlocked.Increment(ref _passes);
            _passed.Release();
            if (pass <= failures || pass == again) throw new InvalidOperationException("Nobody thought of this.");
            return Task.CompletedTask;
        }
    }

    private sealed class LinesLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
