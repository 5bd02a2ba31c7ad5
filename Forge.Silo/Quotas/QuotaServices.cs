using Forge.Silo.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Quotas;

/// <summary>Adds the quotas to the host: ASP.NET Core's rate limiter by tenant, if there are any.</summary>
internal static class QuotaServices
{
    public static IServiceCollection AddQuotas(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<QuotaOptions>, QuotaOptionsValidator>();
        services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateOnStart();
        services.AddSingleton<TenantQuotas>();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<TenantQuotas>((limiter, quotas) =>
        {
            limiter.GlobalLimiter = quotas.Requests;
            limiter.OnRejected = (context, _) => new(ProblemAnswers.AnswerAsync(context.HttpContext, TenantQuotas.RefusalOf(context.Lease)));
        });
        return services;
    }

    /// <summary>Has each request count for its tenant, if there is any bound.</summary>
    public static void UseQuotas(this WebApplication app)
    {
        var quotas = app.Services.GetRequiredService<TenantQuotas>();
        if (quotas.HasAny)
        {
            app.UseRateLimiter();
            app.Use(quotas.MeterAsync);
        }
    }
}
