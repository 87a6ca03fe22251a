using System.Net;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Tests.Discovery;

public sealed class DnsMessageTests
{
    private static readonly DnsName s_type = Name("_kameo._tcp.local");
    private static readonly DnsName s_host = Name("peer.local");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_is_read(bool compress)
    {
        DnsName instance = Instance("a.b \\ name");
        DnsMessage message = new() { Id = 7, IsResponse = true, IsTruncated = true };
        message.Questions.Add(new DnsQuestion(s_type, DnsType.Ptr, UnicastResponse: true));
        message.Questions.Add(new DnsQuestion(instance, DnsType.Any));
        message.Answers.Add(DnsRecord.Ptr(s_type, instance, 4500));
        message.Authorities.Add(DnsRecord.Srv(instance, s_host, 4711, 120, priority: 1, weight: 2).With(120, cacheFlush: true));
        message.Additionals.Add(DnsRecord.Txt(instance, new Dictionary<string, string> { ["id"] = "x=y", ["v"] = "" }, 4500));
        message.Additionals.Add(DnsRecord.AddressOf(s_host, IPAddress.Parse("10.1.2.3"), 120));
        message.Additionals.Add(DnsRecord.AddressOf(s_host, IPAddress.Parse("fe80::1"), uint.MaxValue / 2));

        DnsMessage read = Read(Write(message, compress));

        Assert.Equal((message.Id, true, true), (read.Id, read.IsResponse, read.IsTruncated));
        Assert.Equal(message.Questions, read.Questions);
        AssertSame(message.Answers, read.Answers);
        AssertSame(message.Authorities, read.Authorities);
        AssertSame(message.Additionals, read.Additionals);
        Assert.Equal("a.b \\ name", read.Answers[0].Target!.FirstLabel);
        Assert.Equal("x=y", read.Additionals[0].ReadText()["ID"]);
        Assert.Equal(4711, read.Authorities[0].Port);
        Assert.True(read.Authorities[0].CacheFlush);
    }

    [Fact]
    public void The_bytes_of_a_query_and_of_an_answer_never_change()
    {
        DnsMessage query = new();
        query.Questions.Add(new DnsQuestion(s_type, DnsType.Ptr, UnicastResponse: true));
        Assert.Equal("000000000001000000000000065F6B616D656F045F746370056C6F63616C00000C8001", Convert.ToHexString(Write(query)));

        DnsMessage answer = new() { IsResponse = true };
        answer.Answers.Add(DnsRecord.Ptr(s_type, Instance("n"), 4500));
        answer.Additionals.Add(DnsRecord.Srv(Instance("n"), s_host, 4711, 120).With(120, cacheFlush: true));
        answer.Additionals.Add(DnsRecord.AddressOf(s_host, IPAddress.Parse("10.1.2.3"), 120).With(120, cacheFlush: true));
        answer.Additionals.Add(DnsRecord.Nsec(s_host, [DnsType.A], 120));
        Assert.Equal(
            "000084000000000100000003"
            + "065F6B616D656F045F746370056C6F63616C00" + "000C0001" + "00001194" + "0004" + "016EC00C"
            + "C029" + "00218001" + "00000078" + "000D" + "000000001267" + "0470656572C018"
            + "C03F" + "00018001" + "00000078" + "0004" + "0A010203"
            + "C03F" + "002F0001" + "00000078" + "000F" + "0470656572056C6F63616C00" + "000140",
            Convert.ToHexString(Write(answer)));
    }

    [Fact]
    public void Names_compare_without_case_and_know_their_parent()
    {
        Assert.Equal(Name("_KAMEO._tcp.Local"), s_type);
        Assert.NotEqual(Name("_kameo._udp.local"), s_type);
        Assert.True(Instance("n").IsChildOf(s_type));
        Assert.False(s_type.IsChildOf(s_type));
        Assert.False(Instance("n").IsChildOf(s_host));
        Assert.False(DnsName.TryCreate([new string('x', 64)], out _));
        Assert.False(DnsName.TryParse("a..b", out _));
        Assert.False(DnsName.TryCreate([.. Enumerable.Repeat(new string('x', 63), 4)], out _));
    }

    [Theory]
    [InlineData("C00C", "a pointer to itself")]
    [InlineData("C00E", "a pointer forwards")]
    [InlineData("0161C00C", "a label and a pointer to it")]
    [InlineData("40", "a label type that does not exist")]
    [InlineData("3F61", "a label past the end")]
    [InlineData("C0", "half a pointer")]
    [InlineData("", "no name")]
    public void A_malformed_name_is_refused(string nameHex, string why)
    {
        byte[] datagram = Convert.FromHexString("000000000001000000000000" + nameHex);
        Assert.False(DnsMessage.TryRead(datagram, out _), why);
        Assert.False(DnsMessage.TryRead([.. datagram, 0, 12, 0, 1], out _), why);
    }

    [Fact]
    public void A_chain_of_pointers_and_a_long_name_are_bounded()
    {
        // Each answer's name points to the one before: as many pointers to follow as there are records.
        List<byte> chain = [.. Convert.FromHexString("000084000000006400000000"), 0, 0, 16, 0, 1, 0, 0, 0, 9, 0, 1, 0];
        int last = 12;
        for (int i = 1; i < 100; i++)
        {
            int at = chain.Count;
            chain.AddRange([(byte)(0xC0 | last >> 8), (byte)last, 0, 16, 0, 1, 0, 0, 0, 9, 0, 1, 0]);
            last = at;
        }
        Assert.False(DnsMessage.TryRead([.. chain], out _));

        List<byte> labels = [.. Convert.FromHexString("000000000001000000000000")];
        for (int i = 0; i < 5; i++)
            labels.AddRange([63, .. Enumerable.Repeat((byte)'x', 63)]);
        Assert.False(DnsMessage.TryRead([.. labels, 0, 0, 12, 0, 1], out _));
    }

    [Theory]
    [InlineData("0000000000410000000000000000", "65 questions")]
    [InlineData("0000840000000201000000000000", "513 records")]
    [InlineData("000084000000FFFFFFFFFFFF0000", "far too many records")]
    [InlineData("000028000000000000000000", "another opcode")]
    [InlineData("000084030000000000000000", "a return code")]
    [InlineData("0000", "half a header")]
    public void What_is_beyond_the_limits_is_refused(string hex, string why) => Assert.False(DnsMessage.TryRead(Convert.FromHexString(hex), out _), why);

    [Theory]
    [InlineData("0001", "0003" + "0A0102")]
    [InlineData("001C", "0004" + "0A010203")]
    [InlineData("0010", "0002" + "0561")]
    [InlineData("0021", "0004" + "00000000")]
    [InlineData("0021", "0008" + "0000000012670000")]
    [InlineData("000C", "0002" + "0000")]
    [InlineData("0001", "0005" + "0A010203")]
    public void A_malformed_value_is_refused(string type, string lengthAndValue) =>
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("000084000000000100000000" + "00" + type + "0001" + "00000078" + lengthAndValue), out _));

    [Fact]
    public void Unknown_types_and_classes_are_skipped()
    {
        byte[] datagram = Convert.FromHexString("000084000000000300000000"
            + "00" + "0063" + "0001" + "00000078" + "0003" + "010203"
            + "00" + "0001" + "0003" + "00000078" + "0004" + "01020304"
            + "00" + "0001" + "0001" + "FFFFFFFF" + "0004" + "0A010203");
        DnsRecord record = Assert.Single(Read(datagram).Answers);
        Assert.Equal(IPAddress.Parse("10.1.2.3"), record.Address);
        Assert.Equal(0u, record.TtlSeconds);
    }

    [Fact]
    public void A_text_without_strings_counts_as_one_empty_string()
    {
        byte[] datagram = Convert.FromHexString("000084000000000100000000" + "00" + "0010" + "0001" + "00000078" + "0000");
        Assert.Empty(Assert.Single(Read(datagram).Answers).ReadText());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_messages_never_throw_and_what_is_read_can_be_written(int seed)
    {
        Random random = new(seed);
        DnsMessage message = new() { IsResponse = true };
        for (int i = 0; i < 5; i++)
        {
            message.Questions.Add(new DnsQuestion(Instance($"n{i}"), DnsType.Any));
            message.Answers.Add(DnsRecord.Ptr(s_type, Instance($"n{i}"), 4500));
            message.Answers.Add(DnsRecord.Srv(Instance($"n{i}"), s_host, 1, 120));
            message.Additionals.Add(DnsRecord.Txt(Instance($"n{i}"), new Dictionary<string, string> { ["k"] = "v" }, 9));
        }
        byte[] intact = Write(message);
        byte[] output = new byte[64 * 1024];
        int read = 0;
        for (int round = 0; round < 30_000; round++)
        {
            byte[] damaged = intact[..(random.Next(4) == 0 ? random.Next(intact.Length + 1) : intact.Length)];
            for (int hits = random.Next(1, 6); hits > 0 && damaged.Length > 0; hits--)
                damaged[random.Next(damaged.Length)] = (byte)(random.Next(3) == 0 ? 0xC0 : random.Next(256));
            if (!DnsMessage.TryRead(damaged, out DnsMessage? survivor))
                continue;
            read++;
            Assert.True(survivor.TryWrite(output, out int bytesWritten), $"seed {seed}, round {round}");
            DnsMessage again = Read(output.AsSpan(0, bytesWritten));
            AssertSame(survivor.Answers, again.Answers);
            foreach (DnsRecord record in survivor.Answers.Concat(survivor.Additionals))
            {
                if (record.Type == DnsType.Txt)
                    record.ReadText();
                _ = record.ToString();
            }
        }
        Assert.True(read > 1000, $"only {read} damaged messages were readable: the test tests little");
    }

    [Fact]
    public void A_text_that_cannot_be_written_is_an_argument_error()
    {
        foreach ((string key, string value) in new[] { ("", "v"), ("a=b", "v"), ("ä", "v"), ("k", new string('x', 255)) })
            Assert.Throws<ArgumentException>(() => DnsRecord.Txt(s_host, new Dictionary<string, string> { [key] = value }, 1));
    }

    [Fact]
    public void A_message_that_does_not_fit_is_refused()
    {
        DnsMessage message = new();
        message.Questions.Add(new DnsQuestion(s_type, DnsType.Ptr));
        int length = Write(message).Length;
        for (int room = 0; room < length; room++)
            Assert.False(message.TryWrite(new byte[room], out _));
    }

    private static DnsName Name(string text) => DnsName.TryParse(text, out DnsName? name) ? name : throw new ArgumentException(text);

    private static DnsName Instance(string label) =>
        DnsName.TryCreate([label, "_kameo", "_tcp", "local"], out DnsName? name) ? name : throw new ArgumentException(label);

    private static byte[] Write(DnsMessage message, bool compress = true)
    {
        byte[] buffer = new byte[DnsLimits.MessageBytesMax];
        Assert.True(message.TryWrite(buffer, out int bytesWritten, compress));
        return buffer[..bytesWritten];
    }

    private static DnsMessage Read(ReadOnlySpan<byte> datagram)
    {
        Assert.True(DnsMessage.TryRead(datagram, out DnsMessage? message));
        return message;
    }

    private static void AssertSame(List<DnsRecord> expected, List<DnsRecord> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((DnsRecord left, DnsRecord right) in expected.Zip(actual))
        {
            Assert.True(left.SameAs(right), $"{left} / {right}");
            Assert.Equal(left.TtlSeconds, right.TtlSeconds);
        }
    }
}
