using System.Globalization;
using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class PythonChildTests
{
    private const int Python = 71;

    [Theory]
    [InlineData("", "")]
    [InlineData(", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL", "")]
    [InlineData("", "\nwhile True: pass")]
    public async Task A_child_it_starts_is_killed_with_it(string pipes, string afterwards)
    {
        await using var server = await StartWithPythonAsync();
        var result = await server.RunAsync(Program($"import subprocess\nprint(subprocess.Popen(['/bin/sleep', '300']{pipes}).pid, flush=True){afterwards}", wall: 2, language: Python));

        Assert.Equal(afterwards.Length == 0 ? 3 : 5, StatusOf(result));
        await AssertEndsAsync(int.Parse((string)result["stdout"]!, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_child_in_a_session_of_its_own_gets_away_but_holds_up_nothing()
    {
        await using var server = await StartWithPythonAsync(workers: 1);
        var result = await server.RunAsync(Program("import subprocess\nprint(subprocess.Popen(['/bin/sleep', '15'], start_new_session=True).pid)", wall: 20, language: Python));

        Assert.Equal(3, StatusOf(result));
        Assert.NotEmpty((string)result["stdout"]!);
        await server.AssertStillAnswersAsync();
    }

    /// <summary>Killed is killed, but it takes the kernel a moment, and a container's first process may never collect what it is left.</summary>
    private static async Task AssertEndsAsync(int process)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        while (await IsRunningAsync(process, deadline.Token)) await Task.Yield();
    }

    private static async Task<bool> IsRunningAsync(int process, CancellationToken cancellationToken)
    {
        try
        {
            var status = await File.ReadAllTextAsync($"/proc/{process}/stat", cancellationToken);
            return status[(status.LastIndexOf(')') + 2)..][0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
