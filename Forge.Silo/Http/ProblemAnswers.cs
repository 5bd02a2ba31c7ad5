using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Http;

/// <summary>Answers every error as <c>application/problem+json</c>.</summary>
internal sealed partial class ProblemAnswers(ILogger<ProblemAnswers> logger) : IExceptionHandler
{
    private const string RetryAfterSeconds = "1";

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        await AnswerAsync(httpContext, ProblemOf(httpContext.Request.Method, httpContext.Request.Path, exception));
        return true;
    }

    /// <summary>What a request is answered that failed; what nobody foresaw is logged.</summary>
    /// <param name="method">The method of its route.</param>
    /// <param name="path">Its path.</param>
    /// <param name="exception">What it failed with.</param>
    public Problem ProblemOf(string method, string path, Exception exception)
    {
        if (Problem.From(exception, changes: !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method)) is { } problem)
        {
            return problem;
        }

        LogUnforeseen(exception, method, path);
        return new Problem(
            StatusCodes.Status500InternalServerError, "internal_error", "An error happened that is none of the caller's doing.");
    }

    /// <summary>Answers a status without a body, of a route that is not there.</summary>
    public static Task AnswerStatusAsync(StatusCodeContext context) =>
        AnswerAsync(context.HttpContext, Problem.FromStatus(context.HttpContext.Response.StatusCode));

    /// <summary>A problem as the result of a handler.</summary>
    public static ProblemHttpResult Result(Problem problem) => TypedResults.Problem(
        detail: problem.Detail,
        statusCode: problem.Status,
        extensions: new Dictionary<string, object?>(
            problem.Extensions.Select(extension => KeyValuePair.Create(extension.Name, extension.Value)))
        {
            ["code"] = problem.Code,
        });

    /// <summary>Answers a request with a problem.</summary>
    public static Task AnswerAsync(HttpContext context, Problem problem)
    {
        if (problem.IsTransient)
        {
            context.Response.Headers.RetryAfter = problem.RetryAfter is { } wait
                ? Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture)
                : RetryAfterSeconds;
        }

        if (problem.Status == StatusCodes.Status415UnsupportedMediaType)
        {
            // As RFC 9110 has it (12.5.3): what could have been sent.
            context.Response.Headers.AcceptEncoding = ContentCodings.Names;
        }

        return Result(problem).ExecuteAsync(context);
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed in an unforeseen way.")]
    private partial void LogUnforeseen(Exception exception, string method, string path);
}
