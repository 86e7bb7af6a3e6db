using Gateway.Billing;
using Gateway.Keys;
using Gateway.Model;
using Gateway.Onboarding;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Admin;

/// <summary>Signing customers up, and what they have at Paygentic.</summary>
internal static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder endpoints)
    {
        var customers = endpoints.MapGroup("/customers").WithTags("customers");
        customers.MapPost("", SignUpAsync).WithSummary(
            "Signs a customer up: customer, subscription and key in one call. Send it again when no answer came, or 409: it makes nothing twice.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        customers.MapGet("/{id}/subscriptions", ListAsync).WithSummary("The customer's subscriptions at Paygentic.");
        customers.MapPost("/{id}/portal", PortalAsync).WithSummary("A link to the customer's own pages at Paygentic.");
    }

    private static async Task<Results<Created<SignUpView>, Ok<SignUpView>, ValidationProblem>> SignUpAsync(
        HttpContext context, [JsonBody] SignUpRequest body, SignUp signUp, KeyService keys, AuditLog audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var wanted = body.Given();
        var plan = wanted.Plan ?? (signUp.Plans.Count == 1 ? signUp.Plans.Single() : null);
        var mistakes = wanted.Check(plan, signUp.Plans);
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        await audit.WriteAsync(context, "customer.signup", wanted.ExternalId ?? plan!);
        var done = await signUp.RunAsync(wanted.ToCustomer(), plan!, wanted.KeyName, cancellationToken);
        var view = new SignUpView(
            done.Customer.Value, SubscriptionView.Of(done.Subscription), done.Subscription.CheckoutUrl, KeyView.Of(done.Key, clock.GetUtcNow()));
        if (done.Key.Secret is null) return TypedResults.Ok(view);
        context.WhenAnswered(isDelivered => keys.AnsweredAsync(done.Key, isDelivered));
        return TypedResults.Created($"/customers/{done.Customer.Value}/subscriptions", view);
    }

    private static async Task<Results<Ok<SubscriptionView[]>, ProblemHttpResult>> ListAsync(string id, ICustomerAccounts accounts, CancellationToken cancellationToken) =>
        AdminRequests.IsCustomerId(id)
            ? TypedResults.Ok((await accounts.SubscriptionsAsync(new CustomerId(id), cancellationToken)).Select(SubscriptionView.Of).ToArray())
            : NoId();

    private static async Task<Results<Ok<PortalLink>, ProblemHttpResult>> PortalAsync(
        HttpContext context, string id, PortalLinks portal, AuditLog audit, CancellationToken cancellationToken)
    {
        if (!AdminRequests.IsCustomerId(id)) return NoId();
        await audit.WriteAsync(context, "customer.portal", id);
        return await portal.GetAsync(new CustomerId(id), cancellationToken) is { } link
            ? TypedResults.Ok(link)
            : TypedResults.Problem($"The customer '{id}' has no subscription.", statusCode: 404);
    }

    /// <summary>What is no id is not repeated, here or in the audit log.</summary>
    private static ProblemHttpResult NoId() => TypedResults.Problem("That is no customer's id at Paygentic, cus_….", statusCode: 404);

    /// <param name="Address">For tax: country, two letters, and zipCode; state in the US and Canada.</param>
    /// <param name="ExternalId">The id in your own books, up to 255 of a-z, A-Z, 0-9, '-' and '_'.</param>
    /// <param name="Plan">A name of Gateway:Plans; may be left out where there is one.</param>
    /// <param name="KeyName">The key's name, for people.</param>
    internal sealed record SignUpRequest(string? Name, string? Email, AddressRequest? Address, string? ExternalId, string? Plan, string? KeyName)
    {
        public Dictionary<string, string[]> Check(string? plan, IReadOnlyCollection<string> plans)
        {
            var mistakes = new Mistakes();
            mistakes.Unless(Name is { Length: > 0 and <= 200 } && Name.IsPlain(), "name", "is required: 1 to 200 characters, none of them a control character");
            mistakes.Unless(Email is { Length: > 2 and <= 320 } e && e.IndexOf('@') is > 0 and var at && at < e.Length - 1 && !e.Any(char.IsWhiteSpace) && e.IsPlain(), "email", "is required: an e-mail address");
            mistakes.Unless(Address?.Country is { Length: 2 } c && c.All(char.IsAsciiLetterUpper), "address.country", "is required: two capital letters, as in ISO 3166");
            mistakes.Unless(
                ExternalId is null || (ExternalId.Length is > 0 and <= 255 && ExternalId.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_')),
                "externalId", "may have up to 255 of a-z, A-Z, 0-9, '-' and '_'");
            mistakes.Unless(plan is not null && plans.Contains(plan), "plan", plans.Count == 0
                ? "there is none: Gateway:Plans is empty; 'catalog apply' fills it"
                : $"must be one of {string.Join(", ", plans)}");
            mistakes.Unless(KeyName is null or { Length: > 0 and <= 100 } && KeyName.IsPlain(), "keyName", "must have 1 to 100 characters, none of them a control character");
            foreach (var (field, text) in Address?.Lines() ?? []) mistakes.Unless(text.IsPlain(), $"address.{field}", "must have no control characters");
            return mistakes.ToDictionary();
        }

        public NewCustomer ToCustomer() => new(
            Name!, Email!, new PostalAddress(Address!.Line1, Address.Line2, Address.City, Address.State, Address.ZipCode, Address.Country!), ExternalId);
    }

    internal sealed record AddressRequest(string? Line1, string? Line2, string? City, string? State, string? ZipCode, string? Country)
    {
        public (string Field, string? Text)[] Lines() => [("line1", Line1), ("line2", Line2), ("city", City), ("state", State), ("zipCode", ZipCode)];
    }
}

/// <param name="CheckoutUrl">Where it has to be paid first; null: nothing has to.</param>
internal sealed record SignUpView(string CustomerId, SubscriptionView Subscription, string? CheckoutUrl, KeyView Key);

/// <param name="Status">active, pending_payment or terminated.</param>
internal sealed record SubscriptionView(string Id, string PlanId, string Status, string? CheckoutUrl)
{
    public static SubscriptionView Of(Subscription s) => new(
        s.Id, s.PlanId, s.Status switch { SubscriptionStatus.Active => "active", SubscriptionStatus.PendingPayment => "pending_payment", _ => "terminated" }, s.CheckoutUrl);
}
