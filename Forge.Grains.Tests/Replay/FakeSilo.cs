using System.Net;
using System.Text;
using System.Text.Json;

namespace Forge.Grains.Tests.Replay;

/// <summary>As much of a silo's HTTP surface as the replay uses, in memory.</summary>
internal sealed class FakeSilo : HttpMessageHandler
{
    private readonly Dictionary<string, int> _keys = [];

    /// <summary>The states by sequence, from 1.</summary>
    public List<byte[]> States { get; } = [];

    /// <summary>Asked before each request, with how many there were; an answer or error stands for the silo's.</summary>
    public Func<int, HttpResponseMessage?> Before { get; set; } = _ => null;

    /// <summary>Asked after a create was carried out.</summary>
    public Func<int, HttpResponseMessage?> AfterCreate { get; set; } = _ => null;

    public int Requests { get; private set; }

    public int Creates { get; private set; }

    public List<string> Paths { get; } = [];

    public static HttpResponseMessage Refuse(HttpStatusCode status, string code) => new(status)
    {
        Content = new StringContent($$"""{"code":"{{code}}","detail":"why not"}"""),
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Paths.Add(request.RequestUri!.AbsolutePath);
        return Before(++Requests) ?? (request.Method == HttpMethod.Post
            ? await CreateAsync(request, cancellationToken)
            : Get(request.RequestUri!.Segments[^2].TrimEnd('/')));
    }

    private async Task<HttpResponseMessage> CreateAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Creates++;
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        var key = Assert.Single(request.Headers.GetValues("Idempotency-Key"));
        if (_keys.TryAdd(key, States.Count))
        {
            using var json = JsonDocument.Parse(body);
            States.Add(Encoding.UTF8.GetBytes(json.RootElement.GetProperty("state").GetRawText()));
        }

        return AfterCreate(Creates) ?? new HttpResponseMessage(HttpStatusCode.Created) { Content = new StringContent("{}") };
    }

    private HttpResponseMessage Get(string checkpoint)
    {
        var at = (checkpoint == "latest" ? States.Count : int.Parse(checkpoint)) - 1;
        return at >= 0 && at < States.Count
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(States[at]) }
            : Refuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }
}
