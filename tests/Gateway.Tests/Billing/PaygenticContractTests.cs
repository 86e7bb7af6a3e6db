using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Billing;
using Gateway.Billing.Paygentic;
using Gateway.Catalogue;
using Gateway.Model;
using Gateway.Onboarding;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Time.Testing;
using NJsonSchema;
using PaymentTerm = Gateway.Catalogue.PaymentTerm;

namespace Gateway.Tests.Billing;

/// <summary>
/// What is sent has the fields that Paygentic documents, all it requires and none it does not know (paygentic-requests.json has them in our words), and what it
/// answers is read whatever of its documented oddities it shows. "Trap" means such an oddity.
/// </summary>
public sealed class PaygenticContractTests : IDisposable
{
    private static readonly PaygenticOptions Options = new() { BaseUrl = "http://paygentic.test/", ApiKey = "sk_test_1", MerchantId = "org_1" };
    private static readonly PostalAddress Address = new("1 Road", null, "London", null, "NW1 6XE", "GB");
    private static readonly NewCustomer Ada = new("Ada", "ada@example.com", Address, "user-1");
    private static readonly string[] TwoPrices = ["price_1", "price_2"];

    private readonly Recorder _paygentic = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly HttpClient _http;
    private readonly PaygenticAccounts _accounts;
    private readonly PaygenticCatalog _catalog;
    private readonly LegacyProvider _provider;

    public PaygenticContractTests()
    {
        _http = new HttpClient(_paygentic);
        PaygenticClient.Configure(_http, Options);
        var client = new PaygenticClient(_http, _clock);
        (_accounts, _catalog, _provider) = (new PaygenticAccounts(client, Options, _clock), new PaygenticCatalog(client, Options), new LegacyProvider(client, Options, _clock));
    }

    [Fact]
    public async Task Every_request_has_all_the_fields_that_are_required_and_none_that_is_unknown()
    {
        var cancel = TestContext.Current.CancellationToken;
        await _accounts.EnsureCustomerAsync(Ada, cancel);
        await _accounts.SubscriptionsAsync(new CustomerId("cus_1"), cancel);
        await _accounts.CreateSubscriptionAsync(new CustomerId("cus_1"), new NewSubscription("plan_1", "Ada: plan", "5.00", "https://example.com/paid"), cancel);
        await _accounts.PortalAsync("sub_1", cancel);
        await Assert.ThrowsAsync<BillingException>(() => _accounts.EndOverdueAsync("sub_1", cancel)); // the answer is none of one that has ended
        await _catalog.CreateAsync(new CatalogProduct("Product", "d"), cancel);
        await _catalog.UpdateAsync("prod_1", new CatalogProduct("Product", "d"), cancel);
        await _catalog.CreateAsync(new CatalogMetric("m", "Metric", "d", "unit"), "prod_1", cancel);
        await _catalog.UpdateAsync("bm_1", new CatalogMetric("m", "Metric", "d", "unit"), cancel);
        await _catalog.CreateAsync(new UpfrontFee("Fee", 1), "prod_1", cancel);
        await _catalog.CreateAsync(new NewPrice("bm_1", null, "m", PaymentTerm.InArrears, 0.001m), cancel);
        await _catalog.CreateAsync(new NewPrice(null, "fee_1", "Fee", PaymentTerm.InAdvance, 12.50m), cancel);
        await _catalog.UpdateAsync("price_1", new NewPrice("bm_1", null, "m", PaymentTerm.InArrears, 0.000000001m), cancel);
        await _catalog.CreateAsync(new CatalogPlan("p", "Plan", null, "USD", PaymentTerm.InArrears, [], null), "prod_1", TwoPrices, cancel);
        await _catalog.UpdateAsync("plan_1", new CatalogPlan("p", "Plan", "d", "USD", PaymentTerm.InArrears, [], null), TwoPrices, cancel);
        await _provider.GrantAsync(new GrantRequest(new CustomerId("cus_1"), "bm_1", 10, 10), cancel);
        await _provider.RecordAsync([new UsageEvent("k", Guid.NewGuid(), 0, new CustomerId("cus_1"), "bm_1", new EntitlementId("ent_1"), 3, _clock.GetUtcNow(), "route")], cancel);

        var contract = Contract();
        var sent = _paygentic.Sent.Where(s => s.Body is not null).ToList();
        Assert.Equal(contract.Select(c => c.Key).Order(), sent.Select(s => s.Operation).Distinct().Order());
        foreach (var (operation, _, body) in sent)
        {
            var schema = contract[operation]!.DeepClone().AsObject();
            schema["type"] = "object";
            schema["additionalProperties"] = false;
            var errors = (await JsonSchema.FromJsonAsync(schema.ToJsonString(), cancel)).Validate(body!);
            Assert.True(errors.Count == 0, $"{operation} {body}: {string.Join("; ", errors)}");
        }
    }

    [Fact]
    public async Task Trap_11_lists_have_no_object_field_and_ten_entries_unless_more_are_asked_for_and_are_read_to_their_end()
    {
        var first = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"id":"prod_{{i}}","name":"P{{i}}"}"""));
        _paygentic.Answers["GET v0/products"] = query => query.Contains("offset=100", StringComparison.Ordinal)
            ? """{"data":[{"id":"prod_x","name":"Last","description":null},null],"pagination":{"limit":100,"offset":100,"total":101}}"""
            : "{\"data\":[" + first + "]}";

        var products = await _catalog.ProductsAsync(TestContext.Current.CancellationToken);

        Assert.Equal((101, "Last"), (products.Count, products[^1].Name));
        Assert.All(_paygentic.Sent, s => Assert.Contains("limit=100", s.Query, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, 25, 100)]
    [InlineData(true, 25, 90)]
    [InlineData(false, 100, 250)]
    public async Task A_list_in_pages_shorter_than_asked_for_is_read_to_its_end(bool hasTotal, int most, int total)
    {
        foreach (var resource in (string[])["products", "subscriptions"]) _paygentic.Answers[$"GET v0/{resource}"] = Pages(total, most, hasTotal);

        Assert.Equal(total, (await _catalog.ProductsAsync(TestContext.Current.CancellationToken)).Count);
        Assert.Equal(total, (await _accounts.SubscriptionsAsync(new CustomerId("cus_1"), TestContext.Current.CancellationToken)).Count);
    }

    /// <summary>Of two that have one name, people would have to rename one.</summary>
    [Fact]
    public async Task What_moves_to_the_next_page_while_a_list_is_read_is_in_it_once()
    {
        _paygentic.Answers["GET v0/products"] = query => query.Contains("offset=0", StringComparison.Ordinal)
            ? """{"data":[{"id":"prod_2"},{"id":"prod_1"}],"pagination":{"total":3}}"""
            : """{"data":[{"id":"prod_1"},{"id":"prod_0"}],"pagination":{"total":4}}""";

        Assert.Equal(["prod_2", "prod_1", "prod_0"], (await _catalog.ProductsAsync(TestContext.Current.CancellationToken)).Select(p => p.Id));
    }

    [Fact]
    public async Task A_list_whose_total_counts_more_than_is_shown_ends_with_an_empty_page()
    {
        _paygentic.Answers["GET v0/products"] = query => query.Contains("offset=0", StringComparison.Ordinal)
            ? """{"data":[{"id":"prod_2"},{"id":"prod_1"}],"pagination":{"total":9}}"""
            : """{"data":[],"pagination":{"total":9}}""";

        Assert.Equal(["prod_2", "prod_1"], (await _catalog.ProductsAsync(TestContext.Current.CancellationToken)).Select(p => p.Id));
    }

    [Theory]
    [InlineData("[]", 3)]
    [InlineData("""[{"id":"x_1","planId":"plan_1","status":"active"}]""", 3)]
    [InlineData(null, null)] // a whole page again and again
    public async Task A_list_that_goes_on_and_brings_nothing_new_can_not_be_read(string? page, int? total)
    {
        page ??= "[" + string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"id":"x_{{i}}","planId":"plan_1","status":"active"}""")) + "]";
        var answer = $$"""{"data":{{page}},"pagination":{"total":{{total?.ToString(CultureInfo.InvariantCulture) ?? "null"}} } }""";
        foreach (var resource in (string[])["products", "subscriptions"])
        {
            _paygentic.Answers[$"GET v0/{resource}"] = _ =>
            {
                Assert.True(_paygentic.Sent.Count < 10, "it goes on for ever");
                return answer;
            };
        }

        await Assert.ThrowsAsync<BillingException>(() => _catalog.ProductsAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<BillingException>(() => _accounts.SubscriptionsAsync(new CustomerId("cus_1"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public async Task Trap_12_a_created_customer_answers_with_customerId_and_an_existing_one_with_200(int status)
    {
        _paygentic.Status = (HttpStatusCode)status;
        _paygentic.Answers["POST v0/customers"] = _ => """{"id":"wrong","customerId":"cus_7","validTaxAddress":{"valid":true,"message":null}}""";

        Assert.Equal("cus_7", (await _accounts.EnsureCustomerAsync(Ada, TestContext.Current.CancellationToken)).Value);
    }

    [Theory]
    [InlineData("""{"checkoutUrl":"https://pay/1","paymentSessionId":"ps_1"}""", "https://pay/1")]
    [InlineData("null", null)]
    public async Task Traps_13_and_14_the_checkout_is_in_payment_and_the_top_level_status_alone_decides(string payment, string? checkout)
    {
        _paygentic.Answers["GET v0/subscriptions/sub_1"] = _ => $$"""{"id":"sub_1","planId":"plan_1","status":"pending_payment","payment":{{payment}},"endingAt":null}""";

        var read = await _accounts.SubscriptionAsync("sub_1", TestContext.Current.CancellationToken);

        Assert.Equal((SubscriptionStatus.PendingPayment, checkout), (read.Status, read.CheckoutUrl));
    }

    [Theory]
    [InlineData("2029-12-31T19:45:00Z", "pending_payment", """{"gatewayCheckoutMinutes":240}""", true)]
    [InlineData("2029-12-31T19:45:01Z", "pending_payment", """{"gatewayCheckoutMinutes":240}""", false)] // a payment begun in its last minute may not have ended
    [InlineData("2029-12-31T19:45:00Z", "pending_payment", """{"gatewayCheckoutMinutes":"240.0","mine":true}""", true)]
    [InlineData("2029-12-31T19:45:00Z", "active", """{"gatewayCheckoutMinutes":240}""", false)]
    [InlineData("2029-01-01T00:00:00Z", "pending_payment", """{"mine":240}""", false)] // somebody else's, who may have given it more time
    [InlineData("2029-01-01T00:00:00Z", "pending_payment", "null", false)]
    public async Task A_checkout_is_over_by_Paygentics_clock_and_only_where_the_gateway_made_it(string createdAt, string status, string metadata, bool isOverdue)
    {
        _clock.Advance(TimeSpan.FromDays(1)); // this node's is wrong
        _paygentic.Answers["GET v0/subscriptions"] = _ =>
            $$"""{"data":[{"id":"sub_1","planId":"plan_1","status":"{{status}}","createdAt":"{{createdAt}}","metadata":{{metadata}}}]}""";

        var read = Assert.Single(await _accounts.SubscriptionsAsync(new CustomerId("cus_1"), TestContext.Current.CancellationToken));

        Assert.Equal(isOverdue, read.IsOverdue);
    }

    [Theory]
    [InlineData("old", "new")]
    [InlineData("new", "old")]
    public async Task Subscriptions_come_newest_first_in_whichever_order_they_are_listed(string one, string other)
    {
        static string Of(string id) => $$"""{"id":"{{id}}","planId":"plan_1","status":"terminated","createdAt":"{{(id == "new" ? "2030" : "2029")}}-01-01T00:00:00Z"}""";
        _paygentic.Answers["GET v0/subscriptions"] = _ => $$"""{"data":[{{Of(one)}},{{Of(other)}}]}""";

        var read = await _accounts.SubscriptionsAsync(new CustomerId("cus_1"), TestContext.Current.CancellationToken);

        Assert.Equal(["new", "old"], read.Select(s => s.Id));
    }

    [Fact]
    public async Task Trap_21_the_postal_code_is_sent_as_zipCode()
    {
        await _accounts.EnsureCustomerAsync(Ada, TestContext.Current.CancellationToken);

        var address = JsonNode.Parse(_paygentic.Sent.Single().Body!)!["consumer"]!["address"]!.AsObject();
        Assert.Equal(("NW1 6XE", false), (address["zipCode"]!.GetValue<string>(), address.ContainsKey("postalCode")));
    }

    [Fact]
    public async Task Trap_22_metrics_plans_and_products_are_listed_by_merchantId_and_prices_by_metric()
    {
        var cancel = TestContext.Current.CancellationToken;
        await _catalog.ProductsAsync(cancel);
        await _catalog.MetricsAsync("prod_1", cancel);
        await _catalog.PlansAsync("prod_1", cancel);
        await _catalog.FeesAsync("prod_1", cancel);
        Assert.All(_paygentic.Sent, s => Assert.Contains("merchantId=org_1", s.Query, StringComparison.Ordinal));
        Assert.All(_paygentic.Sent.Skip(1), s => Assert.Contains("productId=prod_1", s.Query, StringComparison.Ordinal));

        await _catalog.PricesAsync("bm_1", cancel);
        Assert.Contains("billableMetricId=bm_1", _paygentic.Sent[^1].Query, StringComparison.Ordinal);
        Assert.DoesNotContain("merchantId", _paygentic.Sent[^1].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trap_8_nulls_where_none_are_declared_are_read_as_absent()
    {
        _paygentic.Answers["GET v0/plans"] = _ => """{"data":[{"id":"plan_1","name":null,"description":null,"currency":"USD","prices":null},{"id":"plan_2","prices":[null,{"id":"price_1","billableMetricId":null,"paymentTerm":null,"properties":null}]}]}""";

        var plans = await _catalog.PlansAsync("prod_1", TestContext.Current.CancellationToken);

        Assert.Empty(plans[0].Prices);
        Assert.Equal(new StoredPrice("price_1", null, null, null, null, null), plans[1].Prices.Single());
    }

    [Theory]
    [InlineData("""{"subscriptions":[{"id":"sub_1","planId":"plan_1","status":"active"}]}""")]
    [InlineData("""{"message":"try again later"}""")]
    [InlineData("""{"data":null,"pagination":{"total":3}}""")]
    public async Task What_has_no_list_in_it_is_no_empty_list_for_what_is_not_found_is_made_again(string answer)
    {
        var cancel = TestContext.Current.CancellationToken;
        foreach (var resource in (string[])["subscriptions", "products", "billableMetrics", "plans", "fees", "prices"]) _paygentic.Answers[$"GET v0/{resource}"] = _ => answer;

        await Assert.ThrowsAsync<BillingException>(() => _accounts.SubscriptionsAsync(new CustomerId("cus_1"), cancel));
        await Assert.ThrowsAsync<BillingException>(() => _catalog.ProductsAsync(cancel));
        await Assert.ThrowsAsync<BillingException>(() => _catalog.MetricsAsync("prod_1", cancel));
        await Assert.ThrowsAsync<BillingException>(() => _catalog.PlansAsync("prod_1", cancel));
        await Assert.ThrowsAsync<BillingException>(() => _catalog.FeesAsync("prod_1", cancel));
        await Assert.ThrowsAsync<BillingException>(() => _catalog.PricesAsync("bm_1", cancel));
    }

    [Fact]
    public async Task A_list_that_is_null_and_counts_nothing_is_empty()
    {
        foreach (var resource in (string[])["subscriptions", "products"]) _paygentic.Answers[$"GET v0/{resource}"] = _ => """{"data":null,"pagination":{"total":0}}""";

        Assert.Empty(await _accounts.SubscriptionsAsync(new CustomerId("cus_1"), TestContext.Current.CancellationToken));
        Assert.Empty(await _catalog.ProductsAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"id":"sub_1","planId":"plan_1","status":"active","customerId":"cus_2"}""")] // its portal would be shown to another
    [InlineData("""{"id":"sub_1","status":"active","customerId":"cus_1"}""")] // it would not be found by its plan, and made again
    public async Task A_list_with_a_subscription_of_another_customer_or_of_no_plan_is_not_gone_by(string subscription)
    {
        _paygentic.Answers["GET v0/subscriptions"] = _ => $$"""{"data":[{{subscription}}]}""";

        await Assert.ThrowsAsync<BillingException>(() => _accounts.SubscriptionsAsync(new CustomerId("cus_1"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775808")] // more than a long has
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("0.5", "0.5")]
    [InlineData("null", "0")]
    public async Task A_quantity_is_shown_as_Paygentic_has_it_however_great(string quantity, string shown)
    {
        _paygentic.Answers["GET v0/usage"] = _ => $$"""{"data":[{"idempotencyKey":"k","timestamp":"2030-01-01T00:00:00Z","properties":[{"billableMetricId":"bm_1","quantity":{{quantity}}}]}]}""";

        var charge = Assert.Single(await _accounts.ChargesAsync(new CustomerId("cus_1"), _clock.GetUtcNow(), _clock.GetUtcNow(), 20, TestContext.Current.CancellationToken));

        Assert.Equal(shown, FormattableString.Invariant($"{charge.Quantity}"));
    }

    [Fact]
    public async Task A_quantity_that_no_number_can_have_is_an_answer_that_can_not_be_read()
    {
        _paygentic.Answers["GET v0/usage"] = _ => """{"data":[{"properties":[{"billableMetricId":"bm_1","quantity":1e300}]}]}""";

        await Assert.ThrowsAsync<BillingException>(() => _accounts.ChargesAsync(new CustomerId("cus_1"), _clock.GetUtcNow(), _clock.GetUtcNow(), 20, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_customer_without_an_id_is_none()
    {
        _paygentic.Answers["POST v0/customers"] = _ => """{"customerId":""}""";

        await Assert.ThrowsAsync<BillingException>(() => _accounts.EnsureCustomerAsync(Ada, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Trap_31_a_portal_link_is_kept_until_shortly_before_it_ends_and_not_asked_for_again()
    {
        _paygentic.Answers["GET v0/subscriptions"] = _ => """{"data":[{"id":"sub_1","planId":"plan_1","status":"active"}]}""";
        using var links = new PortalLinks(_accounts, _clock);
        var (ada, cancel) = (new CustomerId("cus_1"), TestContext.Current.CancellationToken);

        var first = await links.GetAsync(ada, cancel);
        _clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(first, await links.GetAsync(ada, cancel));
        Assert.Single(_paygentic.Sent, s => s.Operation.EndsWith("/portal", StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromMinutes(9));
        await links.GetAsync(ada, cancel);
        Assert.Equal(2, _paygentic.Sent.Count(s => s.Operation.EndsWith("/portal", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Trap_32_times_are_sent_in_utc_with_a_Z()
    {
        await _accounts.CreateSubscriptionAsync(new CustomerId("cus_1"), new NewSubscription("plan_9", "n", null, null), TestContext.Current.CancellationToken);

        Assert.Equal("2030-01-01T00:00:00.000Z", JsonNode.Parse(_paygentic.Sent[^1].Body!)!["startedAt"]!.GetValue<string>());
    }

    public void Dispose()
    {
        _http.Dispose();
        _paygentic.Dispose();
    }

    /// <summary>Of a provider that gives at most <paramref name="most"/> at once, whatever is asked for.</summary>
    private static Func<string, string> Pages(int total, int most, bool hasTotal) => query =>
    {
        var offset = int.Parse(QueryHelpers.ParseQuery(query)["offset"]!, CultureInfo.InvariantCulture);
        var entries = Enumerable.Range(offset, Math.Min(most, total - offset)).Select(i => $$"""{"id":"x_{{i}}","planId":"plan_1","status":"active"}""");
        return $$"""{"data":[{{string.Join(',', entries)}}],"pagination":{"total":{{(hasTotal ? total : "null")}} } }""";
    };

    private static JsonObject Contract([CallerFilePath] string thisFile = "") =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "paygentic-requests.json")))!.AsObject();

    private sealed class Recorder : HttpMessageHandler
    {
        private const string Anything =
            """{"id":"sub_1","customerId":"cus_1","planId":"plan_1","status":"active","url":"https://portal/1","expiresAt":"2030-01-01T01:00:00Z","maxUses":10,"data":[]}""";

        public List<SentRequest> Sent { get; } = [];

        public Dictionary<string, Func<string, string>> Answers { get; } = [];

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var operation = $"{request.Method} {request.RequestUri!.AbsolutePath[1..]}";
            Sent.Add(new SentRequest(operation, request.RequestUri.Query, request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken)));
            var answer = Answers.TryGetValue(operation, out var told) ? told(request.RequestUri.Query) : Anything;
            return new HttpResponseMessage(Status) { Content = new StringContent(answer, Encoding.UTF8, "application/json"), Headers = { Date = DateTimeOffset.UnixEpoch.AddYears(60) } };
        }
    }

    private sealed record SentRequest(string Operation, string Query, string? Body);
}
