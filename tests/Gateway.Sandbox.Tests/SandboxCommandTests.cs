namespace Gateway.Sandbox.Tests;

public sealed class SandboxCommandTests
{
    [Theory]
    [InlineData("missing.json", null, "Could not find")]
    [InlineData("broken.json", "{ \"product\": ", "JSON")]
    [InlineData("empty.json", "null", "empty")]
    public void A_seed_that_can_not_be_read_is_named_with_the_reason(string name, string? content, string reason)
    {
        var folder = Directory.CreateTempSubdirectory("sandbox-");
        var path = Path.Combine(folder.FullName, name);
        if (content is not null) File.WriteAllText(path, content);
        using var said = new StringWriter();

        var options = SandboxCommand.Parse(["--seed", path], said);

        folder.Delete(recursive: true);
        Assert.Null(options);
        Assert.Contains(path, said.ToString(), StringComparison.Ordinal);
        Assert.Contains(reason, said.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--seed")]
    [InlineData("--keep-events", "0")]
    public void What_it_does_not_know_is_answered_with_all_that_it_does(params string[] args)
    {
        using var said = new StringWriter();

        Assert.Null(SandboxCommand.Parse(args, said));
        Assert.Contains("--seed <file>", said.ToString(), StringComparison.Ordinal);
    }
}
