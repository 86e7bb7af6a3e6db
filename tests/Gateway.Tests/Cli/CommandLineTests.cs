using System.CommandLine;
using Gateway.Cli;
using Gateway.Cli.Admin;

namespace Gateway.Tests.Cli;

public sealed class CommandLineTests
{
    /// <summary>1 has a meaning of its own: a damaged journal, a request that would be refused.</summary>
    [Theory]
    [InlineData("nosuchverb")]
    [InlineData("journal", "verify", "--haed", "x")]
    [InlineData("journal")]
    [InlineData("explain", "--rout", "x")]
    [InlineData("keys", "show", ".")]
    [InlineData("keys", "rotate", "a1B2c3D4e5F6", "--overlap", "soon")]
    public async Task What_is_no_command_line_ends_with_2(params string[] arguments) => Assert.Equal(2, await GatewayCommand.RunAsync(arguments));

    [Theory]
    [InlineData("--help")]
    [InlineData("keys", "create", "--help")] // though what it needs is not given
    public async Task Help_ends_with_0(params string[] arguments) => Assert.Equal(0, await GatewayCommand.RunAsync(arguments));

    /// <summary>In an address "." and ".." are steps, and nothing is no step at all: another page would answer.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a1B2c3D4e5F6/..", false)]
    [InlineData("a1B2c3D4e5F6", true)]
    public void Only_a_keys_id_is_taken_for_one(string id, bool isOne)
    {
        var keys = KeysCommand.Create(new Option<string>("--config"));
        Assert.All((string[])["show", "rotate", "revoke"], verb => Assert.Equal(isOne, keys.Parse([verb, id]).Errors.Count == 0));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("cus 1", false)]
    [InlineData("cus_1", true)]
    public void Only_a_customers_id_is_taken_for_one(string id, bool isOne)
    {
        var customers = CustomersCommand.Create(new Option<string>("--config"));
        Assert.All((string[])["subscriptions", "portal"], verb => Assert.Equal(isOne, customers.Parse([verb, id]).Errors.Count == 0));
    }

    [Fact]
    public void A_whole_key_that_is_given_for_its_id_is_not_repeated()
    {
        var error = Assert.Single(KeysCommand.Create(new Option<string>("--config")).Parse(["revoke", "gw_a1B2c3D4e5F6_secret"]).Errors);
        Assert.Equal("That is no key's id, which has 12 letters and digits: the middle part of the key.", error.Message);
    }
}
