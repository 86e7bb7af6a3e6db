using CsCheck;
using Gateway.Forwarding.Upstream;

namespace Gateway.Tests.Forwarding.Upstream;

public sealed class IdleByHomeTests
{
    private static readonly Gen<(int Step, int Home)> GenStep = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]);

    [Fact]
    public void One_at_home_comes_first_the_last_one_in_before_others_and_none_is_lost_or_handed_out_twice() => GenStep.Array[1, 60].Sample(steps =>
    {
        var (idle, model, number) = (new IdleByHome<string>(), new List<(int Home, string One)>(), 0);
        foreach (var (step, home) in steps)
        {
            switch (step)
            {
                case 0:
                    var one = $"{home}/{number++}";
                    idle.Add(home, one);
                    model.Add((home, one));
                    break;
                case 1:
                    Assert.Equal(model.LastOrDefault(m => m.Home == home).One, idle.TryTakeAt(home));
                    model.Remove(model.LastOrDefault(m => m.Home == home));
                    break;
                case 2:
                    var taken = idle.TryTake(home);
                    var wanted = model.LastOrDefault(m => m.Home == home).One;
                    Assert.True(wanted is null ? model.Count == 0 == taken is null : wanted == taken);
                    Assert.Equal(taken is null ? 0 : 1, model.RemoveAll(m => m.One == taken));
                    break;
                default:
                    var out_ = idle.TakeOut(s => s.EndsWith((char)('0' + home)));
                    Assert.Equal(model.Where(m => m.One.EndsWith((char)('0' + home))).Select(m => m.One).Order(), out_.Order());
                    model.RemoveAll(m => out_.Contains(m.One));
                    break;
            }

            Assert.Equal(model.Count, idle.Count);
        }
    });

    [Fact]
    public void Threads_without_a_connection_open_one_now_and_then_and_never_more_than_twice_what_is_needed_at_once() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 200]).Sample((needed, limit) =>
        {
            var (growth, open) = (new HomeGrowth(), Math.Min(needed, limit));
            for (var i = 0; i < needed; i++) growth.Taking(i);
            var opened = 0;
            for (var i = 0; i < 5_000; i++)
            {
                growth.Taking(needed - 1);
                if (!growth.Opens(open, limit)) continue;
                (open, opened) = (open + 1, opened + 1);
            }

            Assert.Equal(Math.Max(open, Math.Min(limit, needed * HomeGrowth.MostForEach)), open);
            Assert.True(open <= limit && open <= needed * HomeGrowth.MostForEach);
            Assert.True(opened <= 5_000 / HomeGrowth.StraysForOne);
        });
}
