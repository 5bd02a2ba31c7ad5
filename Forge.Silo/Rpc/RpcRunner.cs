using System.Net.Mime;
using System.Security.Claims;
using Forge.Errors;
using Forge.Silo.Http;
using Forge.Silo.Security;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Forge.Silo.Rpc;

/// <summary>
/// Carries out an operation by the endpoint of its route, with a request that is made of the parameters and never sent: what reads,
/// refuses and answers is the same as over HTTP.
/// </summary>
internal sealed class RpcRunner(IServiceScopeFactory scopes, AccessRules access)
{
    /// <summary>Carries it out.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="answer">Takes the answer.</param>
    /// <param name="user">Who calls.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Exception">Whatever the operation fails with; a <see cref="ProblemException"/> if the user may not call it.</exception>
    public async Task RunAsync(
        RpcOperation operation, RpcParams parameters, RpcAnswer answer, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var response = new Response();
        var context = new DefaultHttpContext(Features(operation, answer, response, cancellationToken))
        {
            RequestServices = scope.ServiceProvider,
            User = user,
        };
        context.SetEndpoint(operation.Endpoint);
        await access.RequireAsync(context);
        Fill(context, operation, parameters);
        try
        {
            await operation.Endpoint.RequestDelegate!(context);
        }
        finally
        {
            await response.CompleteAsync();
        }

        if (response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            throw RpcError.Exception(response.StatusCode, answer.ToArray());
        }

        if (answer.Length == 0 && !operation.AnswersBytes)
        {
            answer.BecomeStatus(response.StatusCode);
        }
        else if (operation.AnswersBytes)
        {
            answer.BecomeBytes(context.Response.ContentType ?? MediaTypeNames.Application.Octet);
        }
    }

    private static FeatureCollection Features(
        RpcOperation operation, RpcAnswer answer, Response response, CancellationToken cancellationToken)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = operation.Method,
            Path = operation.Path,
            Protocol = HttpProtocol.Http11,
            Body = Stream.Null,
        });
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(answer);
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancellationToken });
        return features;
    }

    private static void Fill(HttpContext context, RpcOperation operation, RpcParams parameters)
    {
        var (query, bytes) = (new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase), 0L);
        foreach (var member in parameters.Members)
        {
            if (!operation.Parameters.TryGetValue(member.Name, out var parameter))
            {
                throw new InvalidRequestException(member.Name, "is not a known parameter");
            }

            // What stands in the head of a request over HTTP is small, all together.
            bytes += parameter.Place is RpcPlace.Path or RpcPlace.Query or RpcPlace.Header ? member.Json.Length : 0;
            if (bytes > GivenObject.Frame)
            {
                throw new OverLimitException(member.Name, GivenObject.Frame, bytes, "bytes");
            }

            switch (parameter.Place)
            {
                case RpcPlace.Path when member.Single() is { } text:
                    context.Request.RouteValues[parameter.Name] = text;
                    break;
                case RpcPlace.Query when member.Texts() is { Count: > 0 } texts:
                    query[parameter.Name] = texts.ToArray();
                    break;
                case RpcPlace.Header when member.Single() is { } text:
                    context.Request.Headers[parameter.Name] = RequireHeader(member.Name, text);
                    break;
                default:
                    break;
            }
        }

        foreach (var (called, parameter) in operation.Parameters)
        {
            if (parameter.Place == RpcPlace.Path && !context.Request.RouteValues.ContainsKey(parameter.Name))
            {
                throw new InvalidRequestException(called, "must be given");
            }
        }

        context.Features.Set<IQueryFeature>(new QueryFeature(new QueryCollection(query)));
        context.Features.Set(new GivenObject(parameters.Json, operation.BodyNames));
        if (operation.HasJsonBody)
        {
            context.Request.ContentType = MediaTypeNames.Application.Json;
        }
    }

    // What no header can hold must not come this way either: ids of our own are told from a caller's keys by it.
    private static string RequireHeader(string name, string text) => text.Any(char.IsControl)
        ? throw new InvalidRequestException(name, "must not hold control characters")
        : text;

    /// <summary>A response whose end is told to those who asked for it.</summary>
    private sealed class Response : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _completed = [];

        public override void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

        public async Task CompleteAsync()
        {
            while (_completed.TryPop(out var completed))
            {
                await completed.Callback(completed.State);
            }
        }
    }
}
