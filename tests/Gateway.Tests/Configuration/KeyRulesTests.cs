namespace Gateway.Tests.Configuration;

public sealed class KeyRulesTests
{
    private const string Key = "$.Gateway.ApiKeys.Static[0]";
    private const string DemoSha256 = "5F2DF9A2E1CCAFB0B1A7AD8DD85F8E5E9E8D9C3B2A1F0E1D2C3B4A5968778695";

    [Theory]
    [InlineData("Key", null, ": has neither Key nor Sha256; give one of them")]
    [InlineData("Sha256", DemoSha256, ": has both Key and Sha256; give one of them")]
    [InlineData("Key", "short", ".Key: must be 16 to 512 visible ASCII characters without spaces")]
    [InlineData("Key", "spaces are not for header values", ".Key: must be 16 to 512 visible ASCII characters without spaces")]
    [InlineData("CustomerId", null, ".CustomerId: is missing; give the customer at Paygentic who pays, 'cus_…'")]
    [InlineData("CustomerId", "cus one", ".CustomerId: must be 1 to 200 characters without white space")]
    [InlineData("PaymentUrl", "pay.example", ".PaymentUrl: must be an absolute URL that begins with http:// or https://")]
    [InlineData("Routes:0", "submisions", ".Routes: unknown route 'submisions'; did you mean 'submissions'?")]
    [InlineData("RequestsPerSecond", "0", ".RequestsPerSecond: is 0, but must be from 1 to 1,000,000")]
    [InlineData("Customer", "x", ".Customer: unknown key 'Customer'; did you mean 'CustomerId'?")]
    public void A_mistake_in_a_key_is_named_with_its_place(string name, string? value, string expected) =>
        Assert.Equal([Key + expected], TestConfiguration.Errors(($"Gateway:ApiKeys:Static:0:{name}", value)));

    [Theory]
    [InlineData("abc")]
    [InlineData("zz2DF9A2E1CCAFB0B1A7AD8DD85F8E5E9E8D9C3B2A1F0E1D2C3B4A5968778695")]
    public void A_hash_that_is_none_is_refused(string hex) =>
        Assert.Equal(
            [$"{Key}.Sha256: must be the 64 hexadecimal digits of the key's SHA-256"],
            TestConfiguration.Errors(("Gateway:ApiKeys:Static:0:Key", null), ("Gateway:ApiKeys:Static:0:Sha256", hex)));

    [Fact]
    public void A_key_that_occurs_twice_is_refused_also_as_its_hash()
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("demo_key_do_not_use_in_production"u8));
        Assert.Equal(
            [$"$.Gateway.ApiKeys.Static[1]: is the same key as {Key}; a key belongs to one customer"],
            TestConfiguration.Errors(("Gateway:ApiKeys:Static:1:Sha256", hash), ("Gateway:ApiKeys:Static:1:CustomerId", "cus_2")));
    }

    [Theory]
    [InlineData("Gateway:ApiKeys:Headers:0", "X API", "$.Gateway.ApiKeys.Headers: 'X API' is not a header's name")]
    [InlineData("Gateway:ApiKeys:QueryParameter", "", "$.Gateway.ApiKeys.QueryParameter: is empty; leave it out to have none")]
    [InlineData("Gateway:ApiKeys:Static", "key", "$.Gateway.ApiKeys.Static: must be a list")]
    [InlineData("Gateway:ApiKeys:Static:first:Key", "a_key_of_sixteen_or_more", "$.Gateway.ApiKeys.Static: must be a list")]
    public void A_mistake_about_keys_is_named_with_its_place(string key, string value, string expected) =>
        Assert.Equal([expected], TestConfiguration.Errors((key, value)));
}
