using Forge.Documents.Json;

namespace Forge.Grains.Tests.Json;

public sealed class JsonMediaTypeTests
{
    [Theory]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON; charset=utf-8", true)]
    [InlineData("application/vnd.agent+json", true)]
    [InlineData("application/vnd.agent+JSON;v=\"1\"", true)]
    [InlineData("application/json;", true)]
    [InlineData("application/json; ", true)]
    [InlineData(" application/json ;;charset", true)]
    [InlineData("application/vnd.agent+json;", true)]
    [InlineData("+json", false)]
    [InlineData(";application/json", false)]
    [InlineData("application/json-seq", false)]
    [InlineData("application/x-ndjson", false)]
    [InlineData("text/plain; a=application/json", false)]
    [InlineData("json", false)]
    [InlineData("", false)]
    public void Includes_ContentType_IsTrueForThoseOfJson(string contentType, bool isJson) =>
        Assert.Equal(isJson, JsonMediaType.Includes(contentType));
}
