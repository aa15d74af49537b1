module github.com/pb33f/go-yaml

go 1.26.7

require go.yaml.in/yaml/v4 v4.0.0
