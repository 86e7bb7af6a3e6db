using Gateway.Forwarding.Upstream;

namespace Gateway.Tests.Forwarding.Upstream;

public sealed class ExchangeTimerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Silence_ends_an_exchange_and_something_that_happens_puts_that_off()
    {
        using var timer = ExchangeTimer.Start(TimeSpan.FromMilliseconds(300), CancellationToken.None);
        var began = TimeProvider.System.GetTimestamp();
        timer.Restart();

        await Ended(timer);

        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(290));
        Assert.True(timer.IsOver);
    }

    [Fact]
    public async Task Patience_without_an_end_has_none()
    {
        using var timer = ExchangeTimer.Start(Timeout.InfiniteTimeSpan, CancellationToken.None);
        timer.Restart();
        using var later = ExchangeTimer.Start(TimeSpan.FromMilliseconds(1), CancellationToken.None);

        await Ended(later); // all that were due have been looked at by then

        Assert.False(timer.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_client_that_leaves_ends_it_and_that_is_no_timeout()
    {
        using var client = new CancellationTokenSource();
        using var timer = ExchangeTimer.Start(Long, client.Token);

        client.Cancel();

        Assert.Equal((true, false), (timer.Token.IsCancellationRequested, timer.IsOver));
    }

    [Fact]
    public void What_is_over_tells_nothing_to_the_exchange_that_uses_the_timer_next()
    {
        using var gone = new CancellationTokenSource();
        using var cut = new CancellationTokenSource();
        var first = ExchangeTimer.Start(Long, gone.Token);
        first.AlsoFollow(cut.Token);
        first.Dispose();
        List<ExchangeTimer> next = [.. Enumerable.Range(0, 100).Select(_ => ExchangeTimer.Start(Long, CancellationToken.None))]; // the same is among them

        gone.Cancel();
        cut.Cancel();

        Assert.All(next, t => Assert.Equal((false, false), (t.Token.IsCancellationRequested, t.IsOver)));
        next.ForEach(t => t.Dispose());
    }

    [Fact]
    public void One_that_has_ended_an_exchange_is_not_used_again()
    {
        using var client = new CancellationTokenSource();
        var ended = ExchangeTimer.Start(Long, client.Token);
        client.Cancel();
        ended.Dispose();

        List<ExchangeTimer> next = [.. Enumerable.Range(0, 100).Select(_ => ExchangeTimer.Start(Long, CancellationToken.None))];

        Assert.DoesNotContain(ended, next);
        next.ForEach(t => t.Dispose());
    }

    private static Task Ended(ExchangeTimer timer)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        timer.Token.Register(ended.SetResult);
        return ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
