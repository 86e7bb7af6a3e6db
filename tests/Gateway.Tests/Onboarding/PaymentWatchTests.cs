using Gateway.Onboarding;

namespace Gateway.Tests.Onboarding;

public sealed class PaymentWatchTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(14.9 / 60, 1)]
    [InlineData(0.25, 15)]
    [InlineData(4.9, 15)]
    [InlineData(5, 300)]
    [InlineData(23.9, 300)]
    [InlineData(24, 3600)]
    [InlineData(10_000, 3600)]
    public void Whoever_has_not_paid_for_long_is_asked_about_less_often(double hours, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), PaymentWatch.PauseAfter(TimeSpan.FromHours(hours)));
}
