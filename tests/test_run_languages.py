"""Clients in further languages with the real hosts in them, run by `testcard run`: Go, Ruby, .NET, PHP and Perl."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from test_run import need, run

pytestmark = pytest.mark.filterwarnings("default::pytest.PytestWarning")

GO = """
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	request, _ := http.NewRequest("GET", "https://videocentral.amazon.com/apis/v1/accounts", nil)
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TESTCARD_VIDEOCENTRAL_TOKEN"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	fmt.Println("net/http", answer.StatusCode)
}
"""

RUBY = """
require "net/http"
require "open-uri"
uri = URI("https://videocentral.amazon.com/apis/v1/accounts")
headers = {"Authorization" => "Bearer " + ENV["TESTCARD_VIDEOCENTRAL_TOKEN"]}
puts "net/http #{Net::HTTP.get_response(uri, headers).code}"
puts "open-uri #{uri.open(headers).status[0]}"
"""

DOTNET = """
using var client = new System.Net.Http.HttpClient();
var token = "Bearer " + System.Environment.GetEnvironmentVariable("TESTCARD_VIDEOCENTRAL_TOKEN");
client.DefaultRequestHeaders.Add("Authorization", token);
var answer = await client.GetAsync("https://videocentral.amazon.com/apis/v1/accounts");
System.Console.WriteLine("HttpClient " + (int)answer.StatusCode);
"""

PROJECT = """
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net{version}.0</TargetFramework></PropertyGroup>
</Project>
"""

PHP = """
$curl = curl_init("https://videocentral.amazon.com/apis/v1/accounts");
$headers = ["Authorization: Bearer " . getenv("TESTCARD_VIDEOCENTRAL_TOKEN")];
curl_setopt_array($curl, [CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true]);
curl_exec($curl);
echo "curl ", curl_getinfo($curl, CURLINFO_RESPONSE_CODE), curl_error($curl), "\\n";
"""

PERL = """
use LWP::UserAgent;
my @headers = (Authorization => "Bearer $ENV{TESTCARD_VIDEOCENTRAL_TOKEN}");
my $answer = LWP::UserAgent->new(env_proxy => 1)->get("https://videocentral.amazon.com/apis/v1/accounts", @headers);
print "LWP ", $answer->code, "\\n";
"""


def needs_module(program: str, module: str, *question: str) -> None:
    """Skip loudly where a runtime lacks what its programs speak HTTPS with."""
    need(program)
    if subprocess.run([program, *question], capture_output=True, check=False).returncode:
        pytest.skip(f"not checked: {program} has no {module}")


def test_go_meets_the_mocks(tmp_path: Path) -> None:
    need("go")
    (tmp_path / "main.go").write_text(GO)
    subprocess.run(["go", "build", "-o", "client", "main.go"], cwd=tmp_path, check=True, timeout=300)

    ran = run(str(tmp_path / "client"))

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "net/http 200\n")


def test_ruby_meets_them() -> None:
    need("ruby")

    ran = run("ruby", "-e", RUBY)

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "net/http 200\nopen-uri 200\n")


def test_dotnet_meets_them(tmp_path: Path) -> None:
    need("dotnet")
    asked = subprocess.run(["dotnet", "--version"], capture_output=True, text=True, check=True)
    (tmp_path / "client.csproj").write_text(PROJECT.replace("{version}", asked.stdout.partition(".")[0]))
    (tmp_path / "Program.cs").write_text(DOTNET)
    subprocess.run(["dotnet", "build", "-o", "built"], cwd=tmp_path, check=True, timeout=300)

    ran = run("dotnet", str(tmp_path / "built" / "client.dll"))

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "HttpClient 200\n")


def test_php_meets_them_by_curl() -> None:
    needs_module("php", "curl", "-r", "exit(extension_loaded('curl') ? 0 : 1);")

    ran = run("php", "-r", PHP)

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "curl 200\n")


def test_perl_meets_them_by_lwp() -> None:
    needs_module("perl", "LWP with HTTPS", "-MLWP::UserAgent", "-MLWP::Protocol::https", "-e", "1")

    ran = run("perl", "-e", PERL)

    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "LWP 200\n")
