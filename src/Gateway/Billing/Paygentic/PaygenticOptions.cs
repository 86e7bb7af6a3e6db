namespace Gateway.Billing.Paygentic;

/// <summary>Which of Paygentic's two APIs the merchant's plans live in.</summary>
internal enum PaygenticGeneration
{
    /// <summary>v0: an entitlement holds wallet money; usage is reported against it.</summary>
    Legacy,
}

internal sealed class PaygenticOptions
{
    /// <summary>Default <c>Legacy</c>, the only one there is so far.</summary>
    public PaygenticGeneration Generation { get; set; } = PaygenticGeneration.Legacy;

    /// <summary>Without the version: <c>https://api.paygentic.io</c> or <c>https://api.sandbox.paygentic.io</c>.</summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>Secret key, <c>sk_test_…</c> or <c>sk_live_…</c>. Best given by environment: <c>Gateway__Paygentic__ApiKey</c>.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The merchant's organisation id, <c>org_…</c>.</summary>
    public string MerchantId { get; set; } = "";

    /// <summary>Link shown in the 402 answer for customers whose key has no <c>PaymentUrl</c> of its own. Absolute http(s) URL, or null.</summary>
    public string? PaymentUrl { get; set; }

    /// <summary>
    /// Signing secret of the webhook that is set up at Paygentic, <c>whsec_…</c>. Without one webhooks are refused and payments are found by asking. Best given
    /// by environment: <c>Gateway__Paygentic__WebhookSecret</c>.
    /// </summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Seconds one call may take, 1 to 100. Default 10.</summary>
    public int TimeoutSeconds { get; set; } = 10;
}
